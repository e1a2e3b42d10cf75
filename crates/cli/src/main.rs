//! The recon378 program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(recon378_cli::program(std::env::args_os()))
}
