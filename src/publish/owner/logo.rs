//! The owner's picture. It stands in the page itself, as a data: address, so that it is there in a frame without an origin too,
//! and so that a drawing (SVG) is never a document of its own, whose scripts would run.

use std::io::Cursor;

use anyhow::{Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ImageReader;

use crate::publish::page::escape;

/// Longest picture, in bytes: it is part of what is loaded before anything else.
pub const MAX_LEN: u64 = 64 << 10;

/// Longest side of a picture, in pixels: what a browser would have to decode.
const MAX_SIDE: u32 = 4096;

/// What the picture is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Png,
    Jpeg,
    Webp,
    Svg,
}

/// A picture for the head of the page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Logo {
    kind: Kind,
    bytes: Vec<u8>,
    /// Width and height, where the file is sure to tell them.
    size: Option<(u32, u32)>,
}

impl Logo {
    /// Takes a PNG, JPEG, WebP or SVG; what it is follows from its bytes.
    ///
    /// # Errors
    /// It is none of these, damaged, or too large.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        ensure!(
            bytes.len() as u64 <= MAX_LEN,
            "the picture is longer than {} KB; it is loaded before anything else, so make it smaller",
            MAX_LEN >> 10
        );
        let kind = kind(bytes)?;
        let size = if kind == Kind::Svg { None } else { Some(size(bytes)?) };
        Ok(Self { kind, bytes: bytes.to_vec(), size })
    }

    /// Reads a data: address that [`Logo::src`] gave.
    #[must_use]
    pub fn from_src(src: &str) -> Option<Self> {
        let (_, data) = src.strip_prefix("data:image/")?.split_once(";base64,")?;
        if data.len() as u64 > MAX_LEN.div_ceil(3) * 4 {
            return None;
        }
        let logo = Self::parse(&STANDARD.decode(data).ok()?).ok()?;
        (logo.src() == src).then_some(logo)
    }

    /// The picture as an address that holds it.
    #[must_use]
    pub fn src(&self) -> String {
        format!("data:{};base64,{}", self.media_type(), STANDARD.encode(&self.bytes))
    }

    /// The element that shows it.
    #[must_use]
    pub fn to_html(&self, alt: &str) -> String {
        let size =
            self.size.map(|(width, height)| format!(" width=\"{width}\" height=\"{height}\"")).unwrap_or_default();
        format!("<img id=\"logo\" src=\"{}\" alt=\"{}\"{size}>", self.src(), escape(alt))
    }

    /// The file that other pages may show; a drawing has none.
    #[must_use]
    pub fn file(&self) -> Option<(&'static str, &[u8])> {
        let name = match self.kind {
            Kind::Png => "fonds/logo.png",
            Kind::Jpeg => "fonds/logo.jpg",
            Kind::Webp => "fonds/logo.webp",
            Kind::Svg => return None,
        };
        Some((name, &self.bytes))
    }

    fn media_type(&self) -> &'static str {
        match self.kind {
            Kind::Png => "image/png",
            Kind::Jpeg => "image/jpeg",
            Kind::Webp => "image/webp",
            Kind::Svg => "image/svg+xml",
        }
    }
}

fn kind(bytes: &[u8]) -> Result<Kind> {
    Ok(match bytes {
        [0x89, b'P', b'N', b'G', ..] => Kind::Png,
        [0xff, 0xd8, 0xff, ..] => Kind::Jpeg,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Kind::Webp,
        _ if is_svg(bytes) => Kind::Svg,
        _ => bail!("this is no picture that the page shows; give a PNG, JPEG, WebP or SVG"),
    })
}

/// Whether the first element of a text is a drawing.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while let Some(after) = rest.strip_prefix("<!").or_else(|| rest.strip_prefix("<?")) {
        let has_subset = after.find('[').is_some_and(|open| after.find('>').is_some_and(|close| open < close));
        // Drawing programs declare entities in the type of the document.
        let end = if after.starts_with("--") {
            "-->"
        } else if has_subset {
            "]>"
        } else {
            ">"
        };
        let Some((_, tail)) = after.split_once(end) else { return false };
        rest = tail.trim_start();
    }
    rest.strip_prefix("<svg").is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n', '>', '/']))
}

fn size(bytes: &[u8]) -> Result<(u32, u32)> {
    let known = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok();
    let Some(Ok((width, height))) = known.map(ImageReader::into_dimensions) else {
        bail!("the picture is damaged; save it again");
    };
    ensure!(
        (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height),
        "the picture has {width} by {height} pixels; {MAX_SIDE} a side are the most"
    );
    Ok((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::new(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_known_by_their_bytes_and_come_back() {
        let drawn = b"<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"s.dtd\" [\n<!ENTITY ns \"http://a.example/\">\n]>\n<svg/>";
        assert!(is_svg(drawn));
        let svg = b"<?xml version=\"1.0\"?>\n<!-- a -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        for (bytes, name) in [(png(8, 4), Some("fonds/logo.png")), (svg.to_vec(), None)] {
            let logo = Logo::parse(&bytes).unwrap();
            assert_eq!(logo.file().map(|(name, _)| name), name);
            assert_eq!(Logo::from_src(&logo.src()), Some(logo));
        }
        assert!(
            Logo::parse(&png(8, 4))
                .unwrap()
                .to_html("\"a\"")
                .ends_with("alt=\"&quot;a&quot;\" width=\"8\" height=\"4\">")
        );
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let damaged = png(8, 4)[..20].to_vec();
        for bytes in [
            b"".to_vec(),
            b"<html><svg></svg>".to_vec(),
            b"<svgfoo>".to_vec(),
            b"GIF89a".to_vec(),
            damaged,
            png(5000, 1),
            vec![0; 70_000],
        ] {
            assert!(Logo::parse(&bytes).is_err(), "{:?}", bytes.get(..20.min(bytes.len())));
        }
        for src in
            ["", "data:image/png;base64,!", "javascript:alert(1)", "data:image/svg+xml;base64,PHN2Zz4=\" onload=\""]
        {
            assert_eq!(Logo::from_src(src), None, "{src}");
        }
    }
}
