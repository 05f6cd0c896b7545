//! Masks what is planned, and keeps what belongs to the stand-ins: in this client's memory, by the
//! plan's name, and nowhere else.

use super::convert::{field, to_value};
use crate::chat::{ChatRequest, Content, Part, mask};
use crate::error::{Error, ErrorKind, Result};
use crate::json::json;
use crate::ledger::Receipt;
use crate::privacy::{Masker, Options, Vault};
use crate::prompt::Prompt;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// How many plans' values are kept; the oldest go first.
const PLANS: usize = 4_096;

/// A client's wishes, and the values of its plans.
pub(super) struct Guard {
    options: Options,
    vaults: RefCell<VecDeque<(String, Rc<Vault>)>>,
}

/// What was found in a request; `None`: nobody looked.
pub(super) struct Guarded(Option<(Masker, bool)>);

impl Guarded {
    /// The same stand-ins in the parts of the prompt that the request was made of.
    pub(super) fn mask_prompt(&self, prompt: &mut Prompt) {
        let Some((masker, _)) = self.0.as_ref().filter(|(masker, _)| masker.has_masked()) else {
            return;
        };
        prompt.each_text(&mut |text| {
            if let Some(masked) = masker.mask(text) {
                *text = masked;
            }
        });
        prompt.history.iter_mut().for_each(|message| masker.mask_value(message));
    }

    /// The same in a request that was made of them: nothing that was masked leaves in another way.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where that is no request.
    pub(super) fn mask_request(&self, request: &mut Value) -> Result<()> {
        if let Some((masker, _)) = self.0.as_ref().filter(|(masker, _)| masker.has_masked()) {
            let mut read = ChatRequest::from_value(request.take())?;
            mask::mask(&mut read, masker);
            *request = read.to_value();
        }
        Ok(())
    }
}

impl Guard {
    pub(super) fn open(options: &JsValue) -> Result<Self> {
        let own = wishes(options)?.unwrap_or_default();
        Ok(Self { options: own, vaults: RefCell::default() })
    }

    /// Looks through a request, and masks it where that is wished.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`], naming what was found but not the value, where sending it is refused;
    /// [`ErrorKind::InvalidInput`] for wishes of another shape.
    pub(super) fn look(
        &self,
        options: &JsValue,
        request: &mut ChatRequest,
        change: bool,
    ) -> Result<Guarded> {
        let wishes = wishes(options)?.unwrap_or_else(|| self.options.clone());
        if wishes.look().is_none() {
            return Ok(Guarded(None));
        }
        let mut masker = Masker::new(wishes);
        mask::look(request, &mut masker);
        let refused = masker.refused();
        if !refused.is_empty() {
            return Err(Error::new(
                ErrorKind::Policy,
                format!(
                    "privacy: found {} in the request, wanted none; take it out, or name it in privacy.allow",
                    refused.join(", ")
                ),
            ));
        }
        let mut blind = false;
        if change && masker.has_masked() {
            mask::mask(request, &masker);
            blind = has_attachments(request);
        }
        Ok(Guarded(Some((masker, blind))))
    }

    /// Keeps the values of a plan, and tells what was found: in `notes`, and as the plan's `privacy`.
    pub(super) fn keep(&self, id: &str, guarded: Guarded, notes: &mut Vec<String>) -> Value {
        let Some((masker, blind)) = guarded.0 else {
            return Value::Null;
        };
        let told = masker.told();
        let (mut open, mut count) = (Vec::new(), 0);
        for finding in masker.findings() {
            if finding.stand_in.is_none() {
                count += 1;
                if !open.contains(&finding.kind.name()) {
                    open.push(finding.kind.name());
                }
            }
        }
        if count > 0 {
            notes.push(format!(
                "privacy: {count} found that will be sent as it stands: {}",
                open.join(", ")
            ));
        }
        if blind {
            notes.push("privacy: images, files and audio are sent as they are".to_owned());
        }
        if masker.has_masked() {
            let mut vaults = self.vaults.borrow_mut();
            let vault = masker.into_vault();
            // A plan for each key that is pressed: most hold the same values as the one before.
            let vault = match vaults.back() {
                Some((_, last)) if **last == vault => last.clone(),
                _ => Rc::new(vault),
            };
            if vaults.len() >= PLANS {
                vaults.pop_front();
            }
            vaults.push_back((id.to_owned(), vault));
        }
        told
    }

    /// The values of a plan that this client made.
    pub(super) fn vault(&self, id: &str) -> Option<Rc<Vault>> {
        let vaults = self.vaults.borrow();
        vaults.iter().rev().find(|(name, _)| name == id).map(|(_, vault)| vault.clone())
    }
}

fn wishes(options: &JsValue) -> Result<Option<Options>> {
    match field(options, "privacy") {
        None => Ok(None),
        Some(value) => Options::from_value(&to_value("privacy", &value)?).map(Some),
    }
}

fn has_attachments(request: &ChatRequest) -> bool {
    let attached = |part: &Part| !matches!(part, Part::Text { .. });
    request.messages.iter().any(
        |message| matches!(&message.content, Content::Parts(parts) if parts.iter().any(attached)),
    )
}

/// Puts the values back into what a receipt says.
pub(super) fn restore(receipt: &mut Receipt, vault: &Vault) {
    receipt.text = vault.restore(&receipt.text);
    receipt.reasoning = receipt.reasoning.as_deref().map(|said| vault.restore(said));
    receipt.refusal = receipt.refusal.as_deref().map(|said| vault.restore(said));
    for call in &mut receipt.tool_calls {
        call.arguments = vault.restore_json(&call.arguments);
    }
}

/// What a receipt says of it.
pub(super) fn told(masked: u64, restored: bool) -> Value {
    let note = (!restored).then_some(
        "the values behind the placeholders are not known here: only the client that made the plan \
         has them, in its memory",
    );
    json!({"masked": masked, "restored": restored, "note": note})
}
