//! The accent: the colour of links and controls, legible on both papers.

use anyhow::{Result, bail};

/// Papers of the page; www/tokens.css has the same.
const LIGHT_PAPER: [u8; 3] = [0xfb, 0xfa, 0xf7];
const DARK_PAPER: [u8; 3] = [0x16, 0x15, 0x12];

/// Contrast that text needs with its ground (WCAG 2.2, 1.4.3).
const MIN_CONTRAST: f64 = 4.5;

/// Steps in which a colour is darkened or lightened.
const STEPS: u16 = 100;

/// A colour, and what stands for it on each paper.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accent {
    /// As it was given, for a later build.
    pub given: String,
    /// On light paper, as `#rrggbb`.
    pub light: String,
    /// On dark paper.
    pub dark: String,
}

impl Accent {
    /// Reads a colour as CSS has them: `#8a3b12`, `teal`, `rgb(0 80 120)`. Where it is too weak on a paper, the nearest shade that
    /// is legible there stands for it.
    ///
    /// # Errors
    /// It is no colour, or one that shines through.
    pub fn parse(text: &str) -> Result<Self> {
        let Ok(colour) = csscolorparser::parse(text.trim()) else {
            bail!("{text}: this is no colour; write one as CSS has them, such as #8a3b12 or teal");
        };
        let [red, green, blue, alpha] = colour.to_rgba8();
        if alpha != 255 {
            bail!(
                "{text}: this colour shines through, and how legible it is hangs on what is behind it; write one that covers"
            );
        }
        let given = [red, green, blue];
        Ok(Self {
            given: hex(given),
            light: hex(legible(given, LIGHT_PAPER, [0; 3])),
            dark: hex(legible(given, DARK_PAPER, [255; 3])),
        })
    }

    /// The shade for light paper, by its channels.
    #[must_use]
    pub fn light_rgb(&self) -> [u8; 3] {
        let channel = |at: usize| self.light.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        [1, 3, 5].map(|at| channel(at).unwrap_or(0))
    }

    /// Sentences about papers on which another shade stands for the colour.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let papers = [("light", &self.light), ("dark", &self.dark)];
        papers
            .iter()
            .filter(|(_, shade)| **shade != self.given)
            .map(|(paper, shade)| {
                format!("--accent {}: too weak on the {paper} paper, where {shade} stands for it", self.given)
            })
            .collect()
    }

    /// The rule that sets it; it stands behind the page's own.
    #[must_use]
    pub fn rule(&self) -> String {
        format!(":root{{--fonds-accent:{};--fonds-accent-dark:{}}}", self.light, self.dark)
    }
}

/// The colour itself, or the nearest on its way to `end` that is legible on `paper`.
fn legible(colour: [u8; 3], paper: [u8; 3], end: [u8; 3]) -> [u8; 3] {
    (0..=STEPS)
        .map(|step| mixed(colour, end, step))
        .find(|shade| contrast(*shade, paper) >= MIN_CONTRAST)
        .unwrap_or(end)
}

fn mixed(from: [u8; 3], to: [u8; 3], step: u16) -> [u8; 3] {
    let mut mixed = from;
    for (channel, to) in mixed.iter_mut().zip(to) {
        let sum = u32::from(*channel) * u32::from(STEPS - step) + u32::from(to) * u32::from(step);
        *channel = ((sum + u32::from(STEPS) / 2) / u32::from(STEPS)) as u8;
    }
    mixed
}

/// Contrast as WCAG defines it, from 1 to 21.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance([red, green, blue]: [u8; 3]) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_legible_on_both_papers() {
        let rgb = |text: &str| csscolorparser::parse(text).unwrap().to_rgba8();
        for text in
            ["#8a3b12", "yellow", "white", "black", "#777", "navy", "hotpink", "rgb(0 80 120)", "Teal", "#f0a070"]
        {
            let accent = Accent::parse(text).unwrap();
            for (shade, paper) in [(&accent.light, LIGHT_PAPER), (&accent.dark, DARK_PAPER)] {
                let [red, green, blue, _] = rgb(shade);
                assert!(contrast([red, green, blue], paper) >= MIN_CONTRAST, "{text}: {accent:?}");
            }
        }
    }

    #[test]
    fn a_colour_that_is_legible_stays_as_it_is() {
        let accent = Accent::parse("#8a3b12").unwrap();
        assert_eq!((accent.light.as_str(), accent.notes().len()), ("#8a3b12", 1));
        assert_ne!(accent.dark, accent.light);
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "reddish", "#12", "red;}body{display:none", "url(x)", "rgba(0,0,0,.5)", "transparent"] {
            assert!(Accent::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn contrasts_are_those_of_the_definition() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([255; 3], [255; 3]) - 1.0).abs() < 1e-9);
    }
}
