//! The `fonds` program: parses arguments, runs, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    fonds::cli::main()
}
