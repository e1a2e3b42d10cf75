//! Files that end in `.parquet`.
#![no_main]

#[path = "../files.rs"]
mod files;

libfuzzer_sys::fuzz_target!(init: files::quiet(), |bytes: &[u8]| files::read_as("parquet", bytes));
