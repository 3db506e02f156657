//! `fonds-bindgen IN.wasm OUT`: writes the glue `OUT/fonds.js` (a classic script) and the core `OUT/fonds_bg.wasm`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(input), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: fonds-bindgen IN.wasm OUT".into());
    };
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name("fonds")
        .typescript(false)
        .remove_name_section(true)
        .no_modules(true)?
        .generate(out)?;
    Ok(())
}
