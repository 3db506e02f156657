//! The command line: one file for each subcommand.
//!
//! Exit codes are ripgrep's and grep's: 0 success (or hits), 1 no hit (or damaged), 2 error.

mod add;
pub mod args;
mod build;
mod carried;
mod driver;
mod extract;
mod folded;
mod formats;
mod fresh;
mod input;
mod inspect;
mod media;
mod merge;
mod output;
mod overrides;
mod owner;
mod renewed;
mod search;
mod signature;
mod source;
mod unused;
mod verify;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use args::{Args, Command};

/// What a subcommand found; errors are told apart by `Result`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// Done; there were hits; the archive is whole.
    Good,
    /// No hit; the archive is damaged.
    Bad,
}

/// Runs the program and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Build(args) => build::run(&args),
        Command::Add(args) => add::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Formats(args) => formats::run(&args),
    };
    match result {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        // Whoever reads our output has seen enough: `fonds search … | head` is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe))
}

/// A subcommand's result.
type Run = Result<Outcome>;
