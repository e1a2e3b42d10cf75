//! TOML text to the tree.

use super::report::codes;
use super::tree::{DEPTH_MAX, Entry, Lines, Node, Value, quoted};
use crate::error::Mistake;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// Reads a TOML document.
pub(super) fn read(text: &str) -> Result<Node, Box<Mistake>> {
    let lines = Lines::new(text);
    refuse_deep_keys(text, &lines)?;
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map(|span| span.start);
        // The parser's words fit what stands there, which a person then need not look for.
        let given = start.and_then(|start| line_of(text, start)).map_or_else(|| "nothing".to_owned(), quoted);
        let expected = format!("a TOML document: {}", error.message().trim_end_matches(", expected nothing"));
        let position = start.and_then(|start| lines.position(start));
        Box::new(Mistake::new(codes::SYNTAX, "", given, expected).at(position))
    })?;
    let reader = Reader { lines };
    Ok(Node { value: reader.table(table.into_inner(), DEPTH_MAX)?, position: Some((1, 1)) })
}

/// The line in which a byte stands, without the blanks around it; `None` where nothing stands there.
fn line_of(text: &str, start: usize) -> Option<&str> {
    let before = text.get(..start)?;
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(from..)?.lines().next()?.trim();
    (!line.is_empty()).then_some(line)
}

/// A dotted key nests as deep as it has dots, and the TOML parser recurses for each: count before it does.
fn refuse_deep_keys(text: &str, lines: &Lines<'_>) -> Result<(), Box<Mistake>> {
    let mut dots = 0_usize;
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            TokenKind::Newline | TokenKind::Equals | TokenKind::Comma | TokenKind::LeftCurlyBracket => {
                dots = 0;
            }
            _ => {}
        }
        if dots >= DEPTH_MAX {
            return Err(Box::new(too_deep().at(lines.position(token.span().start()))));
        }
    }
    Ok(())
}

fn too_deep() -> Mistake {
    let expected = format!("at most {DEPTH_MAX} levels of tables and lists");
    Mistake::new(codes::SYNTAX, "", "more levels", expected)
}

struct Reader<'t> {
    lines: Lines<'t>,
}

impl Reader<'_> {
    fn table(&self, table: DeTable<'_>, depth: usize) -> Result<Value, Box<Mistake>> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Box::new(too_deep())) };
        let mut entries = table
            .into_iter()
            .map(|(key, value)| {
                let position = self.lines.position(key.span().start);
                let node = self.node(value, depth)?;
                Ok((key.span().start, Entry { key: key.into_inner().into_owned(), position, node }))
            })
            .collect::<Result<Vec<_>, Box<Mistake>>>()?;
        // The parser sorts by name; people think in the order they wrote.
        entries.sort_by_key(|(start, _)| *start);
        Ok(Value::Table(entries.into_iter().map(|(_, entry)| entry).collect()))
    }

    fn node(&self, value: Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Box<Mistake>> {
        let position = self.lines.position(value.span().start);
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
                Ok(whole) => Value::Number(whole.to_string()),
                Err(_) => Value::Number(number.to_string()),
            },
            DeValue::Float(number) => Value::Number(number.as_str().trim_start_matches('+').to_owned()),
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Array(items) => {
                let Some(depth) = depth.checked_sub(1) else { return Err(Box::new(too_deep().at(position))) };
                let items = items.into_iter().map(|item| self.node(item, depth));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => self.table(table, depth)?,
        };
        Ok(Node { value, position })
    }
}
