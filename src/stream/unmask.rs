//! The pieces of an answer to a masked request, with the values in them again.

use super::answer::Piece;
use super::chunk::ToolCallDelta;
use crate::privacy::{Restorer, Vault};
use std::rc::Rc;

/// Restores pieces as they come: each kind of text, and each call's arguments, by itself.
#[derive(Clone, Debug)]
pub struct Unmask {
    vault: Rc<Vault>,
    /// Text, reasoning, refusal.
    texts: [Restorer; 3],
    calls: Vec<(usize, Restorer)>,
}

impl Unmask {
    /// For the answer to a request that this vault belongs to.
    pub fn new(vault: Rc<Vault>) -> Self {
        let text = Restorer::new(vault.clone(), false);
        Self { vault, texts: [text.clone(), text.clone(), text], calls: Vec::new() }
    }

    /// The piece, as far as it is sure; `None` where all of it is held back.
    pub fn push(&mut self, piece: &Piece) -> Option<Piece> {
        let mut out = piece.clone();
        let [text, reasoning, refusal] = &mut self.texts;
        for (restorer, part) in
            [(text, &mut out.text), (reasoning, &mut out.reasoning), (refusal, &mut out.refusal)]
        {
            if let Some(said) = part.take() {
                let said = restorer.push(&said);
                *part = (!said.is_empty()).then_some(said);
            }
        }
        for delta in &mut out.tool_calls {
            let at = match self.calls.iter().position(|(index, _)| *index == delta.index) {
                Some(at) => at,
                None => {
                    self.calls.push((delta.index, Restorer::new(self.vault.clone(), true)));
                    self.calls.len() - 1
                }
            };
            if let Some((_, restorer)) = self.calls.get_mut(at) {
                delta.arguments = restorer.push(&delta.arguments);
            }
        }
        out.tool_calls.retain(|delta| {
            delta.id.is_some() || delta.name.is_some() || !delta.arguments.is_empty()
        });
        (out != Piece::default()).then_some(out)
    }

    /// What was still held back.
    pub fn end(&mut self) -> Option<Piece> {
        let [text, reasoning, refusal] = &mut self.texts;
        let rest = |restorer: &mut Restorer| Some(restorer.end()).filter(|said| !said.is_empty());
        let mut piece = Piece {
            text: rest(text),
            reasoning: rest(reasoning),
            refusal: rest(refusal),
            ..Piece::default()
        };
        for (index, restorer) in &mut self.calls {
            if let Some(said) = rest(restorer) {
                piece.tool_calls.push(ToolCallDelta {
                    index: *index,
                    arguments: said,
                    ..ToolCallDelta::default()
                });
            }
        }
        (piece != Piece::default()).then_some(piece)
    }
}
