//! What other pages show of an archive that they cannot, or will not, open in a frame: title, description and picture for previews of
//! links (`OpenGraph`), and the frame for those who ask for it (`oEmbed`).

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;

use super::owner::prose::shortened;
use super::owner::{Accent, Address, Logo, Owner, Prose};
use super::page::escape;
use super::thumb;
use super::words::Voice;
use crate::time::civil::Period;

/// The picture: its name, and its size as previews of links want it.
pub(super) const PICTURE: &str = "fonds/card.png";
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 630;

/// The file that says how to embed the archive.
pub(super) const OEMBED: &str = "oembed.json";

/// Size of the frame that it offers.
const FRAME: (u32, u32) = (800, 480);

/// Characters of a description.
const MAX_DESCRIPTION: usize = 200;

/// Room around what is drawn, in pixels.
const MARGIN: u32 = 80;

/// Largest picture of the owner's within the picture.
const LOGO: (u32, u32) = (700, 160);

/// Bars at most; a longer time has several months in each.
const MAX_BARS: usize = 104;

/// How much there is in an archive, and when.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    num_posts: u32,
    /// First and last year.
    years: Option<(String, String)>,
    /// Posts of each month, from the first to the last.
    months: Vec<u32>,
}

impl Extent {
    /// The extent of an archive with so many posts, from its first and last date, and the number of posts of each period.
    #[must_use]
    pub fn new(num_posts: u32, dates: Option<(&str, &str)>, runs: impl IntoIterator<Item = (Period, usize)>) -> Self {
        let mut by_month: BTreeMap<i64, u32> = BTreeMap::new();
        for (period, count) in runs {
            if let Period::Month(year, month) = period {
                *by_month.entry(i64::from(year) * 12 + i64::from(month)).or_default() += count as u32;
            }
        }
        let bounds = by_month.keys().next().zip(by_month.keys().next_back());
        // A mistaken date may lie ten thousand years away: what is drawn has at most so many bars.
        let months = bounds.map_or_else(Vec::new, |(first, last)| {
            let per_bar = ((last - first + 1) as usize).div_ceil(MAX_BARS);
            let mut bars = vec![0; ((last - first + 1) as usize).div_ceil(per_bar)];
            for (month, count) in &by_month {
                if let Some(bar) = bars.get_mut((month - first) as usize / per_bar) {
                    *bar += count;
                }
            }
            bars
        });
        let year = |date: &str| date.chars().take(4).collect::<String>();
        Self { num_posts, years: dates.map(|(first, last)| (year(first), year(last))), months }
    }

    /// How much and when, in a few words.
    fn sentence(&self, voice: &Voice) -> String {
        let posts = voice.posts(self.num_posts as usize);
        match &self.years {
            Some((first, last)) if first == last => format!("{posts}, {first}"),
            Some((first, last)) => format!("{posts}, {first}–{last}"),
            None => posts,
        }
    }
}

/// What is told: the owner's description, how the owner's text begins, or how much there is.
fn description(owner: &Owner, extent: &Extent, voice: &Voice) -> String {
    let told = owner.metadata.first("description").map(|text| shortened(text, MAX_DESCRIPTION));
    let begins = || owner.about.as_ref().map(Prose::summary).filter(|summary| !summary.is_empty());
    told.or_else(begins).unwrap_or_else(|| extent.sentence(voice))
}

/// The folder's address, where the archive is to have one.
fn folder(owner: &Owner) -> Option<&Address> {
    owner.address.as_ref().filter(|address| !address.is_page())
}

/// Markup for the head of index.html, or of a single html, which has no files beside it.
pub(super) fn head(title: &str, owner: &Owner, extent: &Extent, lang: &str, is_single: bool) -> String {
    let voice = Voice::of(lang);
    let description = description(owner, extent, &voice);
    let mut head = format!("<meta name=\"description\" content=\"{}\">\n", escape(&description));
    let mut put = |name: &str, value: &str| {
        head.push_str(&format!("<meta property=\"og:{name}\" content=\"{}\">\n", escape(value)));
    };
    put("type", "website");
    put("title", title);
    put("description", &description);
    if let Some(address) = owner.address.as_ref().filter(|address| address.is_page() == is_single) {
        put("url", address.as_str());
    }
    if let Some(address) = folder(owner).filter(|_| !is_single) {
        put("image", &address.file(PICTURE));
        put("image:width", &WIDTH.to_string());
        put("image:height", &HEIGHT.to_string());
        put("image:alt", &extent.sentence(&voice));
        head.push_str("<meta name=\"twitter:card\" content=\"summary_large_image\">\n");
        head.push_str(&format!(
            "<link rel=\"alternate\" type=\"application/json+oembed\" href=\"{}\" title=\"{}\">\n",
            escape(&address.file(OEMBED)),
            escape(title)
        ));
    }
    head
}

/// The answer to whoever asks how to embed the archive; `None` where nobody could find it.
pub(super) fn oembed(title: &str, owner: &Owner) -> Option<String> {
    let address = folder(owner)?;
    let (width, height) = FRAME;
    let html = format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"{width}\" height=\"{height}\" sandbox=\"allow-scripts allow-popups \
         allow-popups-to-escape-sandbox\" loading=\"lazy\" style=\"border:0;max-width:100%\"></iframe>",
        escape(&address.file("index.html#embed=1")),
        escape(title)
    );
    let mut answer = json!({
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": owner.metadata.first("publisher").unwrap_or(title),
        "provider_url": address.as_str(),
        "width": width,
        "height": height,
        "html": html,
        "thumbnail_url": address.file(PICTURE),
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
    });
    if let Some((fields, creator)) = answer.as_object_mut().zip(owner.metadata.first("creator")) {
        fields.insert("author_name".to_owned(), json!(creator));
    }
    Some(format!("{answer:#}\n"))
}

/// The picture: the posts over time, beneath the owner's picture; `None` where the archive has no address to fetch it from.
pub(super) fn picture(owner: &Owner, extent: &Extent) -> Option<Vec<u8>> {
    folder(owner)?;
    let accent = owner.accent.as_ref().map_or([0x8a, 0x3b, 0x12], Accent::light_rgb);
    let mut canvas = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([0xfb, 0xfa, 0xf7]));
    let logo = owner.logo.as_ref().and_then(Logo::file).and_then(|(_, bytes)| thumb::fitted(bytes, LOGO));
    let mut top = MARGIN;
    if let Some(logo) = logo {
        image::imageops::overlay(&mut canvas, &logo, i64::from(MARGIN), i64::from(MARGIN));
        top += logo.height() + MARGIN / 2;
    }
    draw_bars(&mut canvas, &extent.months, top, Rgb(accent));
    let mut png = Cursor::new(Vec::new());
    canvas.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

fn draw_bars(canvas: &mut RgbImage, months: &[u32], top: u32, colour: Rgb<u8>) {
    let bottom = HEIGHT - MARGIN;
    fill(canvas, MARGIN, bottom, WIDTH - 2 * MARGIN, 3, Rgb([0x8f, 0x88, 0x7c]));
    let highest = months.iter().copied().max().unwrap_or(0).max(1);
    let (room, tall) = (WIDTH - 2 * MARGIN, bottom - top);
    let count = months.len().max(1) as u32;
    for (place, posts) in (0u32..).zip(months) {
        let (left, right) = (room * place / count, room * (place + 1) / count);
        // What is there is seen, however little it is.
        let height = (u64::from(tall) * u64::from(*posts)).div_ceil(u64::from(highest)) as u32;
        fill(canvas, MARGIN + left, bottom - height, (right - left).saturating_sub(3).max(1), height, colour);
    }
}

fn fill(canvas: &mut RgbImage, left: u32, top: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for y in top..(top + height).min(HEIGHT) {
        for x in left..(left + width).min(WIDTH) {
            canvas.put_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn extent() -> Extent {
        let runs = [(Period::Year(2021), 9), (Period::Month(2022, 12), 3), (Period::Month(2023, 2), 1)];
        Extent::new(13, Some(("2021", "2023-02-01")), runs)
    }

    fn owner(address: &str) -> Owner {
        Owner { address: Some(Address::parse(address).unwrap()), ..Owner::default() }
    }

    #[test]
    fn months_without_posts_have_their_place() {
        assert_eq!(extent().months, [3, 0, 1]);
        let far = Extent::new(2, None, [(Period::Month(1, 1), 1), (Period::Month(9999, 12), 1)]);
        assert!(far.months.len() <= MAX_BARS && far.months.iter().sum::<u32>() == 2);
        assert!(Extent::new(0, None, []).months.is_empty());
    }

    #[test]
    fn what_is_told_is_the_owners_word_or_the_extent() {
        assert_eq!(description(&Owner::default(), &extent(), &Voice::of("en")), "13 posts, 2021–2023");
        let about = Owner { about: Some(Prose::parse("Ours.").unwrap().0), ..Owner::default() };
        assert_eq!(description(&about, &extent(), &Voice::of("en")), "Ours.");
        let head = head("a\"<b>", &about, &extent(), "en", false);
        assert!(head.contains("og:title\" content=\"a&quot;&lt;b&gt;\"") && !head.contains("og:image"));
    }

    #[test]
    fn the_frame_of_oembed_is_sandboxed_and_escaped() {
        let answer: Value =
            serde_json::from_str(&oembed("a\"><script>", &owner("https://example.org/a/")).unwrap()).unwrap();
        let html = answer.get("html").and_then(Value::as_str).unwrap();
        assert!(html.contains("src=\"https://example.org/a/index.html#embed=1\"") && !html.contains("<script"));
        assert!(html.contains("sandbox=\"allow-scripts allow-popups allow-popups-to-escape-sandbox\""));
        assert_eq!(oembed("a", &Owner::default()), None);
        assert_eq!(oembed("a", &owner("https://example.org/a.html")), None);
    }

    #[test]
    fn the_picture_shows_every_month_that_has_posts() {
        let png = picture(&owner("https://example.org/a/"), &extent()).unwrap();
        let picture = image::load_from_memory(&png).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (WIDTH, HEIGHT));
        let bar = |x: u32| (0..HEIGHT).filter(|y| picture.get_pixel(x, *y).0 == [0x8a, 0x3b, 0x12]).count();
        assert_eq!((bar(100), bar(600), bar(1000)), (470, 0, 157));
    }
}
