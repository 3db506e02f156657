//! A style sheet of the owner's: any rules, but nothing from another place.
//!
//! The page's policy would stop what a sheet asks of others. It is refused when the archive is built all the same, since an owner
//! who sees a picture on a desk would not learn otherwise that readers do not.

use anyhow::{Result, bail, ensure};

use super::line_of;

/// Longest sheet, in bytes: it stands in index.html, before anything is shown.
pub const MAX_LEN: u64 = 64 << 10;

/// Functions of which a text within is an address.
const ADDRESS_FUNCTIONS: [&str; 5] = ["url", "src", "image", "image-set", "-webkit-image-set"];

/// A style sheet that asks nobody for anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sheet(String);

impl Sheet {
    /// Checks a sheet.
    ///
    /// # Errors
    /// It names something to be loaded, or would end the element in which it stands. The error begins with the line.
    pub fn parse(css: &str) -> Result<Self> {
        // As a browser reads it: within a page, whose policy names the sheet by its hash, and in CSS.
        let css = css.strip_prefix('\u{feff}').unwrap_or(css).replace("\r\n", "\n").replace(['\r', '\u{c}'], "\n");
        let css = css.as_str();
        ensure!(css.len() as u64 <= MAX_LEN, "1: the sheet is longer than {MAX_LEN} bytes; keep what this page needs");
        if let Some(at) = css.to_ascii_lowercase().find("</style") {
            bail!("{}: \"</style\" would end the sheet within a page; write \"<\\/style\"", line_of(css, at));
        }
        if let Some(at) = css.find('\0') {
            bail!("{}: no style sheet holds a zero byte; save it as text", line_of(css, at));
        }
        Scanner { css, at: 0 }.check()?;
        Ok(Self(css.to_owned()))
    }

    /// The rules.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Walks over a sheet as CSS Syntax divides it: comments, texts, names with their escapes, and single characters.
struct Scanner<'a> {
    css: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn check(&mut self) -> Result<()> {
        // Functions that are open, and how deep in brackets each began.
        let (mut open, mut depth): (Vec<usize>, usize) = (Vec::new(), 0);
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '/' if self.rest().starts_with("/*") => {
                    let end = self.rest().get(2..).and_then(|rest| rest.find("*/"));
                    self.at = end.map_or(self.css.len(), |end| self.at + 2 + end + 2);
                }
                '"' | '\'' => {
                    let text = self.text(c);
                    if !open.is_empty() {
                        self.address(start, &text)?;
                    }
                }
                '@' => {
                    self.at += 1;
                    if self.name().eq_ignore_ascii_case("import") {
                        bail!(
                            "{}: @import would load another sheet, and nothing comes from elsewhere; put its rules here",
                            line_of(self.css, start)
                        );
                    }
                }
                '(' => {
                    self.at += 1;
                    depth += 1;
                }
                ')' => {
                    self.at += 1;
                    depth = depth.saturating_sub(1);
                    open.retain(|began| *began < depth + 1);
                }
                _ if is_name(c) || c == '\\' => {
                    let name = self.name().to_ascii_lowercase();
                    if self.at == start {
                        // A backslash before the end of a line escapes nothing.
                        self.at += c.len_utf8();
                    } else if self.peek() == Some('(') && ADDRESS_FUNCTIONS.contains(&name.as_str()) {
                        self.at += 1;
                        depth += 1;
                        open.push(depth);
                        if name == "url" {
                            self.bare_address(start)?;
                        }
                    }
                }
                _ => self.at += c.len_utf8(),
            }
        }
        Ok(())
    }

    /// What stands in `url(…)` without quotation marks.
    fn bare_address(&mut self, start: usize) -> Result<()> {
        while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        if matches!(self.peek(), Some('"' | '\'' | ')') | None) {
            return Ok(());
        }
        let mut address = String::new();
        while let Some(c) = self.peek().filter(|c| *c != ')' && !c.is_ascii_whitespace()) {
            if c == '\\' {
                address.push(self.escaped());
            } else {
                address.push(c);
                self.at += c.len_utf8();
            }
        }
        while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        // CSS gives such an address up to the next bracket, comments and all.
        let is_whole = matches!(self.peek(), Some(')') | None) && !address.contains(['"', '\'', '(']);
        ensure!(
            is_whole,
            "{}: this address has spaces, quotation marks or brackets; put it in quotation marks",
            line_of(self.css, start)
        );
        self.address(start, &address)
    }

    fn address(&self, start: usize, address: &str) -> Result<()> {
        let address = address.trim_matches(|c: char| c.is_ascii_whitespace());
        let is_data = address.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        if is_data || address.starts_with('#') {
            return Ok(());
        }
        let shown: String = address.chars().filter(|c| !c.is_control()).take(60).collect();
        bail!(
            "{}: \"{shown}\" would be loaded from elsewhere, which the page forbids; write it as data: into the sheet, or leave it out",
            line_of(self.css, start)
        );
    }

    /// A text up to its end mark, or the end of its line, where CSS ends a text too.
    fn text(&mut self, mark: char) -> String {
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                _ if c == mark => {
                    self.at += 1;
                    break;
                }
                '\n' => break,
                '\\' => text.push(self.escaped()),
                _ => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        text
    }

    /// A name, its escapes undone: `\75rl` is `url`.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if is_name(c) {
                name.push(c);
                self.at += c.len_utf8();
            } else if c == '\\' && !self.rest().get(1..).is_some_and(|rest| rest.starts_with('\n')) {
                name.push(self.escaped());
            } else {
                break;
            }
        }
        name
    }

    /// The character that an escape stands for; the scanner is then behind it.
    fn escaped(&mut self) -> char {
        self.at += 1;
        let digits = self.rest().bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            let c = self.peek().unwrap_or('\u{fffd}');
            self.at += self.peek().map_or(0, char::len_utf8);
            return c;
        }
        let code = self.rest().get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += digits;
        if self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        code.and_then(char::from_u32).unwrap_or('\u{fffd}')
    }

    fn rest(&self) -> &str {
        self.css.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_lines_are_those_that_a_browser_reads() {
        let sheet = Sheet::parse("p { color: red }\r\nq { color: blue }\ra\u{c}b").unwrap();
        assert_eq!(sheet.as_str(), "p { color: red }\nq { color: blue }\na\nb");
        assert!(Sheet::parse("p{content:\"a\\\r\nb\" url(http://evil.example/2.png)}").is_err());
    }

    #[test]
    fn an_address_that_css_reads_on_is_refused() {
        for css in [
            "a{b:url(data:x /*);background:url(http://evil.example/1.png);c:d} /**/",
            "a{b:url(data:x\"y)}",
            "a{b:url(#a b)}",
        ] {
            assert!(Sheet::parse(css).is_err(), "{css}");
        }
        assert!(Sheet::parse("a{b:url( data:x\n)}").is_ok());
    }

    #[test]
    fn rules_that_ask_for_nothing_are_kept() {
        for css in [
            "",
            "h1 { color: teal; content: \"http://example.org is a text\" } /* @import url(x) */",
            "a { background: url(data:image/png;base64,AAAA) } b { mask: url( '#mark' ) }",
            "@media (min-width: 10px) { a::after { content: \"@import\"; } }",
            "a { background: image-set(url(\"data:image/png,x\") 1x); width: calc((1px + 2px) * 3) } b { content: \"x\" }",
            "/* unended",
            "a { content: \"unended",
            "\\",
            "url",
        ] {
            assert_eq!(Sheet::parse(css).unwrap().as_str(), css);
        }
    }

    #[test]
    fn whatever_would_be_loaded_is_refused_with_its_line() {
        for css in [
            "@import url(https://example.org/a.css);",
            "@import 'a.css';",
            "@IMPORT\"a.css\";",
            "@\\69mport 'a.css';",
            "@i\\6d port 'a.css';",
            "a { background: url(https://example.org/a.png) }",
            "a { background: URL( \"//example.org/a.png\" ) }",
            "a { background: u\\72l(http://example.org/a.png) }",
            "a { background: \\75 rl(http://example.org/a.png) }",
            "a { background: url(a.png) }",
            "a { background: url(/**/a.png) }",
            "a { background: url(\\68ttp://example.org) }",
            "a { background: image-set(\"https://example.org/a.png\" 1x) }",
            "a { background: image-set(url(data:,x) 1x, 'b.png' 2x) }",
            "a { background: -webkit-image-set('b.png' 2x) }",
            "a { background: image('b.png') }",
            "a { background: url(\u{a0}data:,x) }",
            "a { background: url(\"\u{a0}data:,x\") }",
            "@font-face { font-family: x; src: url(x.woff2) }",
            "@namespace url(http://example.org);",
            "a { content: \"a\nb: url(x.png) }",
        ] {
            let error = Sheet::parse(&format!("/* one */\n{css}")).unwrap_err().to_string();
            assert!(error.starts_with("2: ") || error.starts_with("3: "), "{css}: {error}");
        }
    }

    #[test]
    fn a_sheet_stays_within_its_element() {
        let error = Sheet::parse("a {}\n</STYLE ><script>").unwrap_err().to_string();
        assert!(error.starts_with("2: ") && error.contains("</style"), "{error}");
        assert!(Sheet::parse("a\0").is_err());
        assert!(Sheet::parse(&"a".repeat(MAX_LEN as usize + 1)).is_err());
    }

    #[test]
    fn any_text_is_walked_to_its_end() {
        let signs = ["\\", "\"", "'", "(", ")", "url(", "@", "/*", "*/", "\n", "é", "6", " ", "image-set("];
        let mut state = 1_usize;
        for _ in 0..20_000 {
            let mut css = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                css.push_str(signs[(state >> 33) % signs.len()]);
            }
            let _ = Sheet::parse(&css);
        }
    }
}
