//! A spec's text is input from anywhere: whatever it holds, reading it ends in a spec or in mistakes, and a spec
//! that was read survives its own texts and its mirror image.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recon378_core::Spec;

fuzz_target!(|text: &str| {
    for spec in [Spec::from_json(text), Spec::from_toml(text), text.parse::<Spec>()] {
        match spec {
            Ok(spec) => judge(&spec),
            Err(error) => {
                assert!(!error.mistakes().is_empty(), "an error without a mistake");
                let _text = error.to_string();
            }
        }
    }
});

fn judge(spec: &Spec) {
    let json = Spec::from_json(&spec.to_json()).expect("canonical JSON reads");
    assert_eq!(&json, spec, "JSON gives the spec back");
    let toml = Spec::from_toml(&spec.to_toml()).expect("TOML reads");
    assert_eq!(&toml, spec, "TOML gives the spec back");
    let mirrored = spec.mirrored();
    assert!(mirrored.check().is_ok(), "the mirror image is valid");
    assert_eq!(&mirrored.mirrored(), spec, "mirroring twice gives the spec back");
    assert_eq!(spec.pass_names().len(), spec.passes.len(), "a name per pass");
}
