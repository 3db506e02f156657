//! `fonds-bindgen IN.wasm OUT`: writes the glue `OUT/bindgen/fonds.js` (a classic script) and the core `OUT/core.wasm.gz`.
//! With `--names`, functions keep their names and nothing is packed: for www/weigh.mjs.

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(input), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: fonds-bindgen IN.wasm OUT [--names]".into());
    };
    let names = args.next().is_some_and(|arg| arg == "--names");
    let out = Path::new(&out);
    let glue = out.join("bindgen");
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name("fonds")
        .typescript(false)
        .remove_name_section(!names)
        .no_modules(true)?
        .generate(&glue)?;
    if names {
        return Ok(());
    }
    let core = fs::read(glue.join("fonds_bg.wasm"))?;
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, core.as_slice(), &mut packed)?;
    fs::write(out.join("core.wasm.gz"), packed)?;
    Ok(())
}
