//! Files that posts name: found beside their source, published under names of their content, and never from anywhere else.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use crate::sources::Dir;

/// A picture of one colour.
fn png(width: u32, red: u8) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(width, 40, image::Rgb([red, 2, 3]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    png.into_inner()
}

const MESSAGES: [(&str, &str); 6] = [
    ("photo", "photos/a.png"),
    ("photo", "photos/again.png"),
    ("file", "files/page.html"),
    ("file", "photos/gone.png"),
    ("file", "../secret.png"),
    ("file", "photos/link.png"),
];

/// An export of Telegram Desktop in the folder `export`, with what its posts name, and a secret beside it.
fn export(dir: &Path) {
    let message = |(number, (kind, path)): (usize, &(&str, &str))| {
        let date = format!("2024-01-01T00:{number:02}:00");
        format!(
            r#"{{"id":{number},"type":"message","date":"{date}","from":"A","{kind}":"{path}","text":"post {number}"}}"#
        )
    };
    let messages: Vec<String> = MESSAGES.iter().enumerate().map(message).collect();
    let result = format!(r#"{{"name":"A","type":"public_channel","id":1,"messages":[{}]}}"#, messages.join(","));
    for folder in ["export/photos", "export/files"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    for (name, bytes) in [
        ("export/result.json", result.into_bytes()),
        ("export/photos/a.png", png(900, 1)),
        ("export/photos/again.png", png(900, 1)),
        ("export/files/page.html", b"<script>alert(1)</script>".to_vec()),
        ("secret.png", png(9, 9)),
    ] {
        fs::write(dir.join(name), bytes).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.join("secret.png"), dir.join("export/photos/link.png")).unwrap();
}

/// The zip of the export.
fn pack(dir: &Path) {
    let mut zip = zip::ZipWriter::new(fs::File::create(dir.join("export.zip")).unwrap());
    for name in ["result.json", "photos/a.png", "photos/again.png", "files/page.html"] {
        zip.start_file(format!("export/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(dir.join("export").join(name)).unwrap()).unwrap();
    }
    zip.finish().unwrap();
}

/// Names in `media/`.
fn published(dir: &Path, out: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir.join(out).join("media")) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Paths of the media of posts, in order.
fn paths(dir: &Dir, out: &str) -> Vec<String> {
    let mut posts = dir.extract(out);
    posts.sort_by_key(|post| post["id"].as_str().unwrap().to_owned());
    posts.iter().map(|post| post["media"][0]["path"].as_str().unwrap().to_owned()).collect()
}

/// Whether a name is that of a file that no browser is to run.
fn is_bin(name: &str) -> bool {
    name.rsplit('.').next() == Some("bin")
}

#[test]
fn copies_are_named_by_content_and_nothing_else_gets_out() {
    let dir = Dir::new(&[]);
    let root = dir.0.path();
    export(root);
    pack(root);
    dir.good(&["build", "export", "--media", "copy", "-o", "out", "--zip", "out.zip"]);
    let names = published(root, "out");
    let ends: Vec<_> = names.iter().map(|name| name.split_once('.').unwrap().1).collect();
    assert_eq!(ends.len(), 3, "{names:?}");
    for end in ["t.png", "thumb.jpg", "bin"] {
        assert!(ends.contains(&end), "{names:?}");
    }
    let paths_of = paths(&dir, "out");
    assert_eq!(paths_of[0], paths_of[1]);
    assert!(paths_of[0].ends_with(".t.png") && is_bin(&paths_of[2]), "{paths_of:?}");
    assert_eq!(paths_of[3..], ["photos/gone.png", "../secret.png", "photos/link.png"]);
    assert_eq!(fs::read(root.join("out").join(&paths_of[0])).unwrap(), png(900, 1));
    let thumb = fs::read(root.join("out").join(paths_of[0].replace(".t.png", ".thumb.jpg"))).unwrap();
    assert!(image::load_from_memory(&thumb).unwrap().width() < 900);
    // Each is in the list of sums, and the archive is whole, as a folder and as a zip.
    let sums = fs::read_to_string(root.join("out/SHA256SUMS")).unwrap();
    assert!(names.iter().all(|name| sums.contains(&format!("  media/{name}\n"))), "{sums}");
    dir.good(&["verify", "out"]);
    dir.good(&["verify", "out.zip"]);
    let notes = fs::read_to_string(root.join("out/provenance.json")).unwrap();
    assert!(notes.contains("3 of 6 media published as copies, 2 not found beside it, 1 refused, since"), "{notes}");
    // The same from the file alone, and from a zip, byte by byte.
    dir.good(&["build", "export/result.json", "--media", "copy", "-o", "file"]);
    dir.good(&["build", "export.zip", "--media", "copy", "-o", "zipped"]);
    for other in ["file", "zipped"] {
        assert_eq!(published(root, other), names, "{other}");
        assert_eq!(paths(&dir, other), paths_of, "{other}");
    }
    // Damage is seen.
    fs::write(root.join("out/media").join(&names[0]), "changed").unwrap();
    assert_eq!(dir.run(&["verify", "out"]).status.code(), Some(1));
}

#[test]
fn thumbnails_alone_hold_no_file() {
    let dir = Dir::new(&[]);
    export(dir.0.path());
    dir.fails(
        &["build", "export", "--media", "thumbs", "-o", "out.fonds"],
        "a bare container has no place for pictures",
    );
    dir.good(&["build", "export", "--media", "thumbs", "-o", "out"]);
    let names = published(dir.0.path(), "out");
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].ends_with(".thumb.jpg"), "{names:?}");
    assert_eq!(
        paths(&dir, "out")[..3],
        [&*format!("media/{}", names[0]), &format!("media/{}", names[0]), "files/page.html"]
    );
}

#[test]
fn nothing_is_published_unasked_or_of_posts_left_out() {
    let dir = Dir::new(&[]);
    export(dir.0.path());
    let ran = dir.run(&["build", "export", "-o", "out"]);
    assert!(
        String::from_utf8_lossy(&ran.stderr).contains("6 files are named by the posts and not published"),
        "{ran:?}"
    );
    assert_eq!(published(dir.0.path(), "out"), Vec::<String>::new());
    for filter in [["--only", "id=2"], ["--drop", "media"]] {
        dir.good(&[&["build", "export", "--media", "copy", "-o", "out"][..], &filter].concat());
        let names = published(dir.0.path(), "out");
        assert!(names.iter().all(|name| is_bin(name)), "{filter:?}: {names:?}");
    }
}

/// The messages of an export by their numbers, each with a picture of its own colour.
fn month(dir: &Path, folder: &str, numbers: &[u8]) {
    fs::create_dir_all(dir.join(folder).join("photos")).unwrap();
    let message = |number: &u8| {
        fs::write(dir.join(folder).join(format!("photos/{number}.png")), png(900, *number)).unwrap();
        let date = format!("2024-01-01T00:{number:02}:00");
        format!(
            r#"{{"id":{number},"type":"message","date":"{date}","from":"A","photo":"photos/{number}.png","text":"post {number}"}}"#
        )
    };
    let messages: Vec<String> = numbers.iter().map(message).collect();
    let result = format!(r#"{{"name":"A","type":"public_channel","id":1,"messages":[{}]}}"#, messages.join(","));
    fs::write(dir.join(folder).join("result.json"), result).unwrap();
}

#[test]
fn what_is_added_brings_its_media_and_what_is_there_stays() {
    let dir = Dir::new(&[]);
    let root = dir.0.path();
    month(root, "first", &[1, 2]);
    month(root, "second", &[2, 3]);
    month(root, "both", &[1, 2, 3]);
    dir.good(&["build", "both", "--media", "copy", "-o", "whole"]);
    for (form, out) in [("-o", "grown"), ("--zip", "grown.zip")] {
        dir.good(&["build", "first", "--media", "copy", form, out]);
        let added = dir.good(&["add", out, "second", "--media", "copy"]);
        // The post that was there is the same one, though its picture has another name by now.
        assert!(added.contains("1 read + 1 merged"), "{added}");
        assert_eq!(paths(&dir, out), paths(&dir, "whole"), "{out}");
        dir.good(&["verify", out]);
        let again = dir.good(&["add", out, "both", "--media", "copy"]);
        assert!(again.contains("nothing was written"), "{again}");
    }
    assert_eq!(published(root, "grown"), published(root, "whole"));
    // Unasked, nothing is taken in, and it is said; what is there stays.
    month(root, "third", &[4]);
    let ran = dir.run(&["add", "grown", "third"]);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("1 file is named by the posts and not published"), "{ran:?}");
    assert_eq!(published(root, "grown"), published(root, "whole"));
    dir.good(&["verify", "grown"]);
}

#[test]
fn what_is_merged_keeps_its_media() {
    let dir = Dir::new(&[]);
    let root = dir.0.path();
    month(root, "first", &[1, 2]);
    month(root, "second", &[2, 3]);
    month(root, "both", &[1, 2, 3]);
    dir.good(&["build", "both", "--media", "copy", "-o", "whole"]);
    dir.good(&["build", "first", "--media", "copy", "-o", "a"]);
    dir.good(&["build", "second", "--media", "copy", "--zip", "b.zip"]);
    for (extra, out) in [(&[][..], "one"), (&["--keep"][..], "kept")] {
        dir.good(&[&["merge", "a", "b.zip", "-o", out][..], extra].concat());
        assert_eq!(published(root, out), published(root, "whole"), "{out}");
        assert_eq!(paths(&dir, out), paths(&dir, "whole"), "{out}");
        dir.good(&["verify", out]);
    }
    let whole = paths(&dir, "whole");
    dir.good(&["merge", "a", "b.zip", "--media", "thumbs", "-o", "small"]);
    let thumbs: Vec<String> = whole.iter().map(|path| path.replace(".t.png", ".thumb.jpg")).collect();
    assert_eq!(paths(&dir, "small"), thumbs);
    assert_eq!(published(root, "small").len(), 3);
    dir.good(&["merge", "a", "b.zip", "--media", "none", "-o", "bare"]);
    assert!(published(root, "bare").is_empty());
    assert!(dir.extract("bare").iter().all(|post| post["media"][0].get("path").is_none()));
    dir.fails(&["merge", "a", "b.zip", "--keep", "--media", "thumbs", "-o", "no"], "choose copy or none");
    // What is damaged is not taken over as if it were whole.
    let name = published(root, "a").remove(0);
    fs::write(root.join("a/media").join(&name), "changed").unwrap();
    dir.fails(&["merge", "a", "b.zip", "-o", "no"], &name);
    assert!(!root.join("no").exists());
}

#[test]
fn a_single_html_holds_thumbnails_alone() {
    let dir = Dir::new(&[]);
    let root = dir.0.path();
    month(root, "first", &[1]);
    month(root, "second", &[2]);
    month(root, "both", &[1, 2]);
    let why = "a single html holds thumbnails alone";
    dir.fails(&["build", "first", "--media", "copy", "--single", "one.html"], why);
    assert!(!root.join("one.html").exists());
    dir.good(&["build", "first", "--media", "thumbs", "--single", "one.html"]);
    dir.good(&["verify", "one.html"]);
    dir.fails(&["add", "one.html", "second", "--media", "copy"], why);
    // What is added stands beside what was there, and all of it goes on into a folder.
    dir.good(&["add", "one.html", "second", "--media", "thumbs"]);
    dir.good(&["verify", "one.html"]);
    dir.good(&["build", "both", "--media", "thumbs", "-o", "both-out"]);
    for (extra, out) in [(&[][..], "whole"), (&["--keep"][..], "kept")] {
        dir.good(&[&["merge", "one.html", "-o", out][..], extra].concat());
        assert_eq!(published(root, out), published(root, "both-out"), "{out}");
        assert_eq!(paths(&dir, out), paths(&dir, "both-out"), "{out}");
        dir.good(&["verify", out]);
    }
    // Beside a folder of copies it is made with their thumbnails, which is said.
    let ran = dir.run(&["build", "both", "--media", "copy", "-o", "out", "--single", "two.html"]);
    assert!(ran.status.success() && String::from_utf8_lossy(&ran.stderr).contains(why), "{ran:?}");
    assert_eq!(published(root, "out").len(), 4);
    dir.good(&["merge", "two.html", "one.html", "-o", "more"]);
}

/// A post of a site, by its place, and what it names: how, and whether that is there.
const NAMED: [(&str, &str, bool); 14] = [
    ("site/_posts/2024-01-01-a.md", "/assets/root.png", true),
    ("site/_posts/2024-01-02-b.md", "../assets/up.png", true),
    ("site/_posts/2024-01-03-c.md", "assets/note.png", true),
    ("site/_posts/2024-01-04-d.md", "/kept.png", true),
    ("site/_posts/2024-01-05-e.md", "deep/my%20fog.png?v=2", true),
    ("site/_posts/2024-01-06-f.md", "../../secret.png", false),
    ("site/_posts/2024-01-07-g.md", "/../secret.png", false),
    ("site/_posts/2024-01-08-h.md", "../../../../../etc/passwd.png", false),
    ("site/_posts/2024-01-09-i.md", "%2e%2e/%2e%2e/secret.png", false),
    ("site/_posts/2024-01-10-j.md", "..\\..\\secret.png", false),
    ("site/_posts/2024-01-11-k.md", "/assets/link.png", false),
    ("site/_posts/2024-01-12-l.md", "/linked/secret.png", false),
    ("site/_posts/2024-01-13-m.md", "../../site2/secret.png", false),
    ("site/_posts/2024-01-14-n.md", "assets/./../assets/up.png", true),
];

#[test]
fn what_is_named_from_elsewhere_in_the_input_is_found_and_nothing_outside() {
    let dir = Dir::new(&[]);
    let root = dir.0.path();
    let pictures = ["assets/root.png", "assets/up.png", "assets/note.png", "static/kept.png", "_posts/deep/my fog.png"];
    for folder in ["site/assets", "site/static", "site/_posts/deep", "site2"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (number, name) in pictures.iter().enumerate() {
        fs::write(root.join("site").join(name), png(900, 10 + number as u8)).unwrap();
    }
    for name in ["secret.png", "site2/secret.png"] {
        fs::write(root.join(name), png(9, 9)).unwrap();
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("secret.png"), root.join("site/assets/link.png")).unwrap();
        std::os::unix::fs::symlink(root.join("site2"), root.join("site/linked")).unwrap();
    }
    for (file, path, _) in NAMED {
        fs::write(root.join(file), format!("---\ntitle: t\n---\nFog.\n\n![]({path})\n")).unwrap();
    }
    let mut zip = zip::ZipWriter::new(fs::File::create(root.join("site.zip")).unwrap());
    for name in NAMED.iter().map(|(file, ..)| file.strip_prefix("site/").unwrap()).chain(pictures) {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(root.join("site").join(name)).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    for (choice, num_files) in [("copy", 10), ("thumbs", 5)] {
        for input in ["site", "site.zip"] {
            let out = format!("{input}-{choice}");
            dir.good(&["build", input, "--media", choice, "-o", &out]);
            let found: Vec<bool> = paths(&dir, &out).iter().map(|path| path.starts_with("media/")).collect();
            assert_eq!(found, NAMED.map(|(.., is_there)| is_there), "{out}");
            assert_eq!(published(root, &out).len(), num_files, "{out}");
            dir.good(&["verify", &out]);
        }
    }
}

#[test]
fn exports_and_sites_name_what_they_show_from_their_root() {
    let dir = Dir::new(&[
        (
            "meta/activity/posts/your_posts_1.json",
            r#"[{"timestamp":1704445200,"data":[{"post":"Fog"}],"attachments":[{"data":[{"media":{"uri":"activity/posts/media/a.png","creation_timestamp":1704445200}}]}]}]"#,
        ),
        (
            "pages/blog/fog.html",
            "<!DOCTYPE html><html><head><title>Fog</title></head><body><article><h1>Fog</h1><p>It is thick.</p><img src='/img/a.png'><img src=\"../img/b.png\"></article></body></html>",
        ),
        (
            "press/site.xml",
            "<?xml version=\"1.0\"?><rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>H</title><link>https://h.example</link><wp:wxr_version>1.2</wp:wxr_version><item><title>Fog</title><content:encoded><![CDATA[<p>Thick.</p><img src=\"https://h.example/wp-content/uploads/a.png\"/>]]></content:encoded><wp:post_id>7</wp:post_id><wp:post_date>2024-01-05 10:00:00</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>",
        ),
    ]);
    let root = dir.0.path();
    let pictures =
        ["meta/activity/posts/media/a.png", "pages/img/a.png", "pages/img/b.png", "press/wp-content/uploads/a.png"];
    for (number, name) in pictures.iter().enumerate() {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), png(900, number as u8)).unwrap();
    }
    // The whole, a part of it, and a file of it alone.
    for (input, num_pictures) in [
        ("meta", 1),
        ("meta/activity/posts", 1),
        ("meta/activity/posts/your_posts_1.json", 1),
        ("pages", 2),
        ("press", 1),
        ("press/site.xml", 1),
    ] {
        dir.good(&["build", input, "--media", "thumbs", "-o", "out"]);
        assert_eq!(published(root, "out").len(), num_pictures, "{input}");
        fs::remove_dir_all(root.join("out")).unwrap();
    }
}

#[test]
fn sources_of_one_name_have_their_own_media() {
    let dir = Dir::new(&[]);
    for (folder, id, red) in [("a", 1, 10), ("b", 2, 200)] {
        let message =
            r#"{"id":1,"type":"message","date":"2024-01-01T00:00:00","from":"A","photo":"photos/p.png","text":"x"}"#;
        let chat = format!(r#"{{"name":"{folder}","type":"public_channel","id":{id},"messages":[{message}]}}"#);
        let folder = dir.0.path().join(folder);
        fs::create_dir_all(folder.join("photos")).unwrap();
        fs::write(folder.join("result.json"), chat).unwrap();
        fs::write(folder.join("photos/p.png"), png(30, red)).unwrap();
    }
    let told = dir.good(&["build", "a/result.json", "b/result.json", "--media", "copy", "-o", "out"]);
    assert_eq!(told.matches("1 of 1 medium published as copies").count(), 2, "{told}");
    let copies = published(dir.0.path(), "out");
    assert_eq!(copies.iter().filter(|name| name.ends_with(".t.png")).count(), 2, "{copies:?}");
    let posts = dir.extract("out");
    for file in ["a/result.json", "b/result.json"] {
        assert!(told.contains(&format!("{file} (telegram-json")), "{told}");
        assert!(posts.iter().any(|post| post["source"]["file"] == file), "{posts:?}");
    }
}
