//! `fonds-bindgen OUT NAME=IN.wasm…`: writes the glue `OUT/bindgen/NAME/fonds.js` (a classic script) and the packed core
//! `OUT/NAME.wasm.lzma` for each. With `--names`, functions keep their names and nothing is packed: for www/weigh.mjs.

mod unweave;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use lzma_rust2::{LzmaOptions, LzmaWriter};
use unweave::unweave;

fn main() -> Result<(), Box<dyn Error>> {
    let (names, args): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg == "--names");
    let Some((out, cores)) = args.split_first() else {
        return Err("usage: fonds-bindgen OUT NAME=IN.wasm… [--names]".into());
    };
    let out = Path::new(out);
    for core in cores {
        let (name, input) = core.split_once('=').ok_or("a core is given as NAME=IN.wasm")?;
        let glue = out.join("bindgen").join(name);
        wasm_bindgen_cli_support::Bindgen::new()
            .input_path(input)
            // The same name for each: one glue serves several.
            .out_name("fonds")
            .typescript(false)
            .remove_name_section(names.is_empty())
            .no_modules(true)?
            .generate(&glue)?;
        if names.is_empty() {
            let wasm = fs::read(glue.join("fonds_bg.wasm"))?;
            fs::write(out.join(format!("{name}.wasm.lzma")), pack(&unweave(&wasm)?)?)?;
        }
    }
    Ok(())
}

/// As `.lzma`: properties, size of the dictionary, length unpacked, stream. www/lzma.js unpacks it.
fn pack(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    // Instructions lie at any byte, so nothing is gained from their place in a word (lp, pb), and little from the byte before (lc).
    let options = LzmaOptions {
        dict_size: u32::try_from(bytes.len().next_power_of_two())?,
        lc: 1,
        lp: 0,
        pb: 0,
        nice_len: 273,
        depth_limit: 1000,
        ..LzmaOptions::with_preset(9)
    };
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64))?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
