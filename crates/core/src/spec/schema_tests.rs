//! The schema against the decoder. A small validator stands in for a library: it knows the keywords that our
//! schema uses and panics at any other.

use super::decode::all_keys;
use super::schema::schema_value;
use super::{Spec, arbitrary};
use proptest::prelude::*;
use serde_json::{Map, Value};

struct Validator(Value);

impl Validator {
    fn new() -> Self {
        Self(schema_value())
    }

    fn accepts(&self, value: &Value) -> bool {
        self.valid(&self.0, value)
    }

    fn valid(&self, schema: &Value, value: &Value) -> bool {
        match schema {
            Value::Bool(all) => *all,
            Value::Object(keywords) => {
                keywords.iter().all(|(keyword, rule)| self.holds(keywords, keyword, rule, value))
            }
            other => panic!("not a schema: {other}"),
        }
    }

    fn holds(&self, keywords: &Map<String, Value>, keyword: &str, rule: &Value, value: &Value) -> bool {
        let count = |schemas: &Value| {
            schemas.as_array().expect("a list").iter().filter(|schema| self.valid(schema, value)).count()
        };
        match keyword {
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
            "$ref" => {
                let path = rule.as_str().and_then(|path| path.strip_prefix('#')).expect("a local reference");
                self.valid(self.0.pointer(path).expect("a definition"), value)
            }
            "anyOf" => count(rule) > 0,
            "oneOf" => count(rule) == 1,
            "const" => rule == value,
            "enum" => rule.as_array().expect("a list").contains(value),
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| has_type(name, value)),
                name => has_type(name, value),
            },
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a bound")),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().expect("a bound")),
            "exclusiveMinimum" => {
                value.as_f64().is_none_or(|number| number > rule.as_f64().expect("a bound"))
            }
            "exclusiveMaximum" => {
                value.as_f64().is_none_or(|number| number < rule.as_f64().expect("a bound"))
            }
            "minLength" | "maxLength" | "pattern" => {
                value.as_str().is_none_or(|text| text_holds(keyword, rule, text))
            }
            "minItems" | "maxItems" | "items" | "uniqueItems" => {
                value.as_array().is_none_or(|items| self.items_hold(keyword, rule, items))
            }
            "required" | "properties" | "additionalProperties" => {
                value.as_object().is_none_or(|entries| self.entries_hold(keywords, keyword, rule, entries))
            }
            other => panic!("the validator doesn't know {other}"),
        }
    }

    fn items_hold(&self, keyword: &str, rule: &Value, items: &[Value]) -> bool {
        let bound = rule.as_u64().and_then(|bound| usize::try_from(bound).ok());
        match keyword {
            "minItems" => bound.is_some_and(|least| items.len() >= least),
            "maxItems" => bound.is_some_and(|most| items.len() <= most),
            "uniqueItems" => items.iter().enumerate().all(|(at, item)| !items[..at].contains(item)),
            _ => items.iter().all(|item| self.valid(rule, item)),
        }
    }

    fn entries_hold(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        rule: &Value,
        entries: &Map<String, Value>,
    ) -> bool {
        let listed = |key: &String| keywords.get("properties").is_some_and(|all| all.get(key).is_some());
        match keyword {
            "required" => {
                let keys = rule.as_array().expect("keys").iter();
                keys.map(|key| key.as_str().expect("a key")).all(|key| entries.contains_key(key))
            }
            "properties" => rule
                .as_object()
                .expect("schemas")
                .iter()
                .all(|(key, schema)| entries.get(key).is_none_or(|value| self.valid(schema, value))),
            _ => entries.iter().filter(|(key, _)| !listed(key)).all(|(_, value)| self.valid(rule, value)),
        }
    }
}

fn has_type(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type's name") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}

fn text_holds(keyword: &str, rule: &Value, text: &str) -> bool {
    let length = u64::try_from(text.chars().count()).expect("a length");
    match keyword {
        "minLength" => rule.as_u64().is_some_and(|least| length >= least),
        "maxLength" => rule.as_u64().is_some_and(|most| length <= most),
        _ => regex::Regex::new(rule.as_str().expect("a pattern")).expect("a pattern").is_match(text),
    }
}

/// Every object of the schema that has properties.
fn objects<'s>(schema: &'s Value, found: &mut Vec<&'s Map<String, Value>>) {
    match schema {
        Value::Object(entries) => {
            if entries.get("type") == Some(&Value::from("object")) && entries.contains_key("properties") {
                found.push(entries);
            }
            entries.values().for_each(|value| objects(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_schema_has_a_description_and_every_table_is_closed() {
    let schema = schema_value();
    let mut found = Vec::new();
    objects(&schema, &mut found);
    assert!(found.len() > 20);
    for object in found {
        assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)), "{object:?}");
        for (key, property) in object["properties"].as_object().expect("properties") {
            assert!(property.get("description").is_some(), "{key} has no description");
        }
    }
}

#[test]
fn schema_and_decoder_know_the_same_keys() {
    let schema = schema_value();
    let mut found = Vec::new();
    objects(&schema, &mut found);
    let mut schema_keys: Vec<_> = found
        .iter()
        .flat_map(|object| object["properties"].as_object().expect("properties").keys().map(String::as_str))
        .collect();
    schema_keys.sort_unstable();
    schema_keys.dedup();
    let mut decoder_keys = all_keys();
    decoder_keys.sort_unstable();
    decoder_keys.dedup();
    assert_eq!(schema_keys, decoder_keys);
}

#[test]
fn schema_and_decoder_agree_on_examples() {
    let validator = Validator::new();
    let pass = r#""pass":[{"on":"a"}]"#;
    for (text, valid) in [
        ("{}".to_owned(), false),
        (format!("{{{pass}}}"), true),
        (format!("{{{pass},\"version\":1}}"), true),
        (format!("{{{pass},\"version\":2}}"), false),
        (format!("{{{pass},\"left\":null}}"), true),
        (format!("{{{pass},\"lefft\":{{}}}}"), false),
        (
            format!(
                "{{{pass},\"compare\":[\"status\",{{\"field\":\"date\",\"days\":3}},{{\"left\":\"a\",\"right\":\"b\"}}]}}"
            ),
            true,
        ),
        (format!("{{{pass},\"compare\":[{{\"field\":\"a\",\"required\":false}}]}}"), false),
        (format!("{{{pass},\"left\":{{\"path\":[\"a\",\"b\"],\"cut_off\":\"17:00\"}}}}"), true),
        (format!("{{{pass},\"left\":{{\"cut_off\":\"5 pm\"}}}}"), false),
        (format!("{{{pass},\"left\":{{\"read\":{{\"decimal\":\",,\"}}}}}}"), false),
        (format!("{{{pass},\"as_of\":\"2026-01-31\"}}"), true),
        (format!("{{{pass},\"as_of\":\"31.1.2026\"}}"), false),
        (format!("{{{pass},\"tie_out\":{{\"amount\":false,\"by\":[]}}}}"), true),
        (format!("{{{pass},\"tie_out\":{{\"amount\":true,\"by\":[]}}}}"), false),
        (format!("{{{pass},\"calendars\":{{\"T\":{{\"weekend\":[\"fri\"]}}}}}}"), true),
        (format!("{{{pass},\"calendars\":{{\"T\":{{\"weekend\":[\"friday\"]}}}}}}"), false),
        (format!("{{{pass},\"limits\":{{\"rivals_max\":0}}}}"), false),
        ("{\"pass\":[]}".to_owned(), false),
        ("[]".to_owned(), false),
    ] {
        assert_agreement(&validator, &text, valid);
    }
}

#[test]
fn schema_and_decoder_agree_on_levels() {
    let validator = Validator::new();
    for (condition, valid) in [
        (
            r#"{"field":"a","levels":[{"equals":true,"bits":9.1,"frequency":true}],"otherwise":-4.5,"null":0}"#,
            true,
        ),
        (r#"{"left":"a","right":"b","levels":[{"days":3,"bits":"1"}],"required":true}"#, true),
        (r#"{"field":"a","levels":[],"otherwise":0}"#, false),
        (r#"{"field":"a","levels":[{"equals":true}],"otherwise":0}"#, false),
        (r#"{"field":"a","levels":[{"equals":true,"bits":101}],"otherwise":0}"#, false),
        (r#"{"field":"a","levels":[{"equals":true,"days":1,"bits":1}],"otherwise":0}"#, false),
        (r#"{"field":"a","levels":[{"days":1,"bits":1,"frequency":true}],"otherwise":0}"#, false),
        (r#"{"field":"a","levels":[{"equals":true,"bits":1}],"otherwise":0,"weight":1}"#, false),
    ] {
        let text = format!(
            "{{\"pass\":[{{\"on\":[\"x\",{condition}],\"score\":\"probability\",\"prior\":\"0.01\"}}]}}"
        );
        assert_agreement(&validator, &text, valid);
    }
}

#[test]
fn schema_and_decoder_agree_on_conditions_and_passes() {
    let validator = Validator::new();
    for (condition, valid) in [
        (r#""a""#, true),
        (r#""""#, false),
        ("1", false),
        (r#"{"field":"a"}"#, false),
        (r#"{"field":"a","equals":true}"#, true),
        (r#"{"field":"a","equals":false}"#, false),
        (r#"{"field":"a","equals":true,"nulls":"equal"}"#, true),
        (r#"{"field":"a","left":"b","equals":true}"#, false),
        (r#"{"left":"a","right":"b","equals":true}"#, true),
        (r#"{"left":"a","equals":true}"#, false),
        (r#"{"field":null,"left":"a","right":"b","equals":true,"weight":1}"#, true),
        (r#"{"field":null,"equals":true}"#, false),
        (r#"{"field":"a","within":0.05}"#, true),
        (r#"{"field":"a","within":"0.05","sign":"opposite"}"#, true),
        (r#"{"field":"a","within":-1}"#, false),
        (r#"{"field":"a","within":"-1"}"#, false),
        (r#"{"field":"a","within":"1,5"}"#, false),
        (r#"{"field":"a","within":["1","2%"],"of":"left"}"#, true),
        (r#"{"field":"a","within":["1","2%","3"]}"#, false),
        (r#"{"field":"a","within":{"larger":["1","2%"]}}"#, true),
        (r#"{"field":"a","within":{"larger":"1"}}"#, false),
        (r#"{"field":"a","days":3}"#, true),
        (r#"{"field":"a","days":"3"}"#, true),
        (r#"{"field":"a","days":["-3","2"]}"#, true),
        (r#"{"field":"a","days":"three"}"#, false),
        (r#"{"field":"a","days":-3}"#, false),
        (r#"{"field":"a","days":[-3,2]}"#, true),
        (r#"{"field":"a","days":[1]}"#, false),
        (r#"{"field":"a","days":3,"calendar":"T"}"#, false),
        (r#"{"field":"a","days":3,"within":"1"}"#, false),
        (r#"{"field":"a","business_days":3,"calendar":"T"}"#, true),
        (r#"{"field":"a","business_days":3}"#, false),
        (r#"{"field":"a","similar":"osa","at_least":0.8,"required":false,"weight":2}"#, true),
        (r#"{"field":"a","similar":"osa","at_least":"0.8"}"#, true),
        (r#"{"field":"a","similar":"osa","at_least":1.5}"#, false),
        (r#"{"field":"a","similar":"osa"}"#, false),
        (r#"{"field":"a","occurs":"either","min_length":3}"#, true),
        (r#"{"field":"a","occurs":"left"}"#, false),
        (r#"{"field":"a","slip":"any"}"#, true),
        (r#"{"field":"a","slip":["factor"]}"#, true),
        (r#"{"field":"a","slip":["factor","factor"]}"#, false),
    ] {
        let text = format!("{{\"pass\":[{{\"on\":[\"x\",{condition}]}}],\"calendars\":{{\"T\":{{}}}}}}");
        assert_agreement(&validator, &text, valid);
    }
    for (rule, valid) in [
        (r#""floor":0.5"#, true),
        (r#""floor":"1.0""#, true),
        (r#""floor":"1.5""#, false),
        (r#""margin":2"#, false),
        (r#""cardinality":"1:1""#, true),
        (r#""cardinality":"1:n""#, false),
        (r#""cardinality":"same_side","sum":{"within":"0.00"}"#, true),
        (r#""cardinality":"same_side","sum":{}"#, false),
        (r#""ambiguous":"leave","status":"proposed","propose_below":1"#, true),
        (r#""ambiguous":"keep""#, false),
        (r#""max_members":3"#, false),
    ] {
        assert_agreement(&validator, &format!("{{\"pass\":[{{\"on\":\"a\",{rule}}}]}}"), valid);
    }
}

#[test]
fn schema_and_decoder_agree_on_fields_and_filters() {
    let validator = Validator::new();
    for (field, valid) in [
        (r#""a""#, true),
        (r#"["a","b"]"#, true),
        (r#"["a"]"#, false),
        (r#"["a",{"column":"b","negate":true}]"#, true),
        ("{}", true),
        (r#"{"left":"a"}"#, true),
        (r#"{"left":"a","right":null}"#, true),
        (r#"{"left":null}"#, true),
        (r#"{"left":""}"#, false),
        (r#"{"left":"a","as":"amount","scale":2}"#, true),
        (r#"{"left":"a","as":"currency"}"#, true),
        (r#"{"left":"a","as":"money"}"#, false),
        (r#"{"left":"a","scale":19}"#, false),
        (r#"{"left":{"debit":"a","credit":"b"}}"#, true),
        (r#"{"left":{"debit":"a"}}"#, false),
        (r#"{"left":{"debit":"a","credit":"b","extract":"x"}}"#, false),
        (r#"{"left":{"column":"a","indicator":"b","debit":"D","credit":["C"]}}"#, true),
        (r#"{"left":{"column":"a","indicator":"b","debit":[],"credit":["C"]}}"#, false),
        (r#"{"left":{"column":"a","extract":"x","all":true}}"#, false),
        (r#"{"left":"a","clean":["upper"]}"#, true),
        (r#"{"left":"a","clean":["up"]}"#, false),
    ] {
        assert_agreement(
            &validator,
            &format!("{{\"fields\":{{\"x\":{field}}},\"pass\":[{{\"on\":\"a\"}}]}}"),
            valid,
        );
    }
    for (filter, valid) in [
        (r#"{"field":"a","equals":1}"#, true),
        (r#"{"field":"a","in":["x",true]}"#, true),
        (r#"{"field":"a","in":[]}"#, false),
        (r#"{"field":"a","between":[1,"2"]}"#, true),
        (r#"{"field":"a","between":[1]}"#, false),
        (r#"{"field":"a","matches":"x"}"#, true),
        (r#"{"field":"a","is_null":false}"#, true),
        (r#"{"field":"a","is_null":"no"}"#, false),
        (r#"{"field":"a"}"#, false),
        (r#"{"field":"a","equals":1,"in":[1]}"#, false),
    ] {
        assert_agreement(
            &validator,
            &format!("{{\"left\":{{\"where\":[{filter}]}},\"pass\":[{{\"on\":\"a\"}}]}}"),
            valid,
        );
    }
}

fn assert_agreement(validator: &Validator, text: &str, valid: bool) {
    let value: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(validator.accepts(&value), valid, "schema on {text}");
    let decoded = Spec::from_json(text);
    assert_eq!(decoded.is_ok(), valid, "decoder on {text}: {decoded:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn schema_accepts_whatever_is_encoded(spec in arbitrary::spec()) {
        let json = spec.to_json();
        let value: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert!(Validator::new().accepts(&value), "{json}");
    }
}
