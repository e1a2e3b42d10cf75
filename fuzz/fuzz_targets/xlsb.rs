//! Files that end in `.xlsb`.
#![no_main]

#[path = "../files.rs"]
mod files;

libfuzzer_sys::fuzz_target!(init: files::quiet(), |bytes: &[u8]| files::read_as("xlsb", bytes));
