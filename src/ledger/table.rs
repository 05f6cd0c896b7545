//! Records as a table of comma-separated values (RFC 4180), for spreadsheets, and back.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
//! formula, and what a gateway or a person wrote stands in these cells. Such a text gets an apostrophe
//! before it, which spreadsheets take for "this is text" (owasp.org, CSV Injection, read 2026-11-22);
//! so does one that begins with an apostrophe, so that reading gives back exactly what was written.

use super::record::{Record, Slot, VERSION, wrong};
use crate::error::{Error, Result};
use crate::json::json;
use serde_json::Value;

/// The line ends of RFC 4180.
const END: &str = "\r\n";

/// The head of a table: `v`, then the paths of the fields, and a line end.
pub fn head() -> String {
    let mut line = String::from("v");
    let mut record = Record::default();
    // Nothing here fails.
    let _ = record.each(&mut |path, _| {
        line.push(',');
        line.push_str(path);
        Ok(())
    });
    line + END
}

/// Adds a record as a line.
pub fn write(record: &Record, text: &mut String) {
    text.push_str(&VERSION.to_string());
    // Nothing here fails.
    let _ = record.clone().each(&mut |_, slot| {
        text.push(',');
        match slot.write() {
            Value::Null => {}
            Value::String(word) => cell(&word, text),
            other => cell(&other.to_string(), text),
        }
        Ok(())
    });
    text.push_str(END);
}

fn formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\''])
}

fn cell(word: &str, text: &mut String) {
    let quoted = word.contains(['"', ',', '\n', '\r']);
    let mark = if formula(word) { "'" } else { "" };
    if quoted {
        text.push('"');
        text.push_str(mark);
        text.push_str(&word.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(mark);
        text.push_str(word);
    }
}

/// Reads a table with a head. Columns may stand in any order, and those that are not known to every
/// record may be missing.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], naming the line and the column, the value found and the value
/// wanted.
pub fn read(text: &str) -> Result<Vec<Record>> {
    let mut lines = Lines { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    let head = lines.next_row()?.unwrap_or_default();
    let mut paths = vec!["v"];
    Record::default().each(&mut |path, _| {
        paths.push(path);
        Ok(())
    })?;
    let mut columns = Vec::new();
    for name in &head {
        let known = paths.iter().position(|path| path == name);
        let known = known.filter(|place| !columns.contains(place)).ok_or_else(|| {
            let wanted = "a head of the columns that an export has, each once";
            wrong("line 1", &json!(name), wanted)
        })?;
        columns.push(known);
    }
    let mut records = Vec::new();
    loop {
        lines.skip_ends();
        let line = lines.line;
        let Some(row) = lines.next_row()? else { return Ok(records) };
        let at = |error: Error| Error::invalid_input(format!("line {line}: {}", error.message()));
        if row.len() != columns.len() {
            let wanted = format!("{} cells, as the head has", columns.len());
            return Err(at(wrong("row", &json!(row.len()), &wanted)));
        }
        let value = |place: usize| {
            let column = columns.iter().position(|column| *column == place)?;
            row.get(column).map(String::as_str)
        };
        if value(0) != Some("1") {
            let wanted = format!("{VERSION}; another version of promptfare wrote another");
            return Err(at(wrong("v", &json!(value(0)), &wanted)));
        }
        let mut record = Record::default();
        let mut place = 0;
        let read = record.each(&mut |path, slot| {
            place += 1;
            match value(place).filter(|word| !word.is_empty()) {
                Some(word) => read_cell(path, slot, word),
                None => slot.read(path, &Value::Null),
            }
        });
        records.push(read.and_then(|()| record.checked()).map_err(at)?);
    }
}

fn read_cell(path: &str, slot: Slot<'_>, word: &str) -> Result<()> {
    let text = matches!(slot, Slot::Name(_) | Slot::Text(_) | Slot::Money(_));
    let value = match text {
        true => word.strip_prefix('\'').unwrap_or(word).into(),
        false => serde_json::from_str(word).unwrap_or_else(|_| Value::from(word)),
    };
    slot.read(path, &value)
}

struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl Lines<'_> {
    /// Goes to the next line that is not empty.
    fn skip_ends(&mut self) {
        while let Some(rest) = self.rest.strip_prefix("\r\n").or(self.rest.strip_prefix('\n')) {
            self.rest = rest;
            self.line += 1;
        }
    }

    /// The cells of a line; `None` at the end.
    fn next_row(&mut self) -> Result<Option<Vec<String>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut row = Vec::new();
        loop {
            let cell = self.next_cell()?;
            row.push(cell);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else {
                break;
            }
        }
        Ok(Some(row))
    }

    fn next_cell(&mut self) -> Result<String> {
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
            let (cell, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
            self.rest = rest;
            // A carriage return alone ends no line.
            if rest.starts_with('\r') && !rest.starts_with("\r\n") {
                return Err(self.broken("a line end"));
            }
            return Ok(cell.to_owned());
        };
        let mut cell = String::new();
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return Err(self.broken("a closing quotation mark"));
            };
            cell.push_str(part);
            match after.strip_prefix('"') {
                Some(more) => {
                    cell.push('"');
                    rest = more;
                }
                None => {
                    self.line += cell.matches('\n').count();
                    self.rest = after;
                    let ends = [",", "\n", "\r\n"];
                    let closed = after.is_empty() || ends.iter().any(|end| after.starts_with(end));
                    return if closed { Ok(cell) } else { Err(self.broken("a comma")) };
                }
            }
        }
    }

    fn broken(&self, wanted: &str) -> Error {
        let found: String = self.rest.chars().take(40).collect();
        wrong(&format!("line {}", self.line), &json!(found), wanted)
    }
}
