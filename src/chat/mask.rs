//! The texts of a request, each handed to a [`Masker`]: contents and parts, names, arguments and
//! results of tools, descriptions and schemas, and the fields that pass through.

use super::request::{ChatRequest, Content, Part};
use crate::privacy::Masker;

/// Looks through every text of a request; nothing is changed. Images, files and audio are not looked
/// into, and names of fields are not changed either.
pub fn look(request: &ChatRequest, masker: &mut Masker) {
    for (place, message) in request.messages.iter().enumerate() {
        let place = Some(place);
        match &message.content {
            Content::None => {}
            Content::Text(text) => masker.look(place, None, text),
            Content::Parts(parts) => {
                for (number, part) in parts.iter().enumerate() {
                    match part {
                        Part::Text { text, .. } => masker.look(place, Some(number), text),
                        Part::Other(value) => masker.look_value(value),
                        Part::Image(_) | Part::File(_) => {}
                    }
                }
            }
        }
        if let Some(name) = &message.name {
            masker.look(place, None, name);
        }
        for call in &message.tool_calls {
            masker.look_json(place, &call.arguments);
        }
        for value in message.extra.values() {
            masker.look_value(value);
        }
    }
    for tool in &request.tools {
        if let Some(text) = &tool.description {
            masker.look(None, None, text);
        }
        for value in [&tool.parameters, &tool.other].into_iter().flatten() {
            masker.look_value(value);
        }
    }
    if let Some(format) = &request.response_format {
        masker.look_value(format);
    }
    for value in request.extra.values() {
        masker.look_value(value);
    }
    masker.settle();
}

/// Puts stand-ins into every text of a request that [`look`] has looked through.
pub fn mask(request: &mut ChatRequest, masker: &Masker) {
    let change = |text: &mut String| {
        if let Some(masked) = masker.mask(text) {
            *text = masked;
        }
    };
    for message in &mut request.messages {
        match &mut message.content {
            Content::None => {}
            Content::Text(text) => change(text),
            Content::Parts(parts) => {
                for part in parts {
                    match part {
                        Part::Text { text, .. } => change(text),
                        Part::Other(value) => masker.mask_value(value),
                        Part::Image(_) | Part::File(_) => {}
                    }
                }
            }
        }
        if let Some(name) = &mut message.name {
            change(name);
        }
        for call in &mut message.tool_calls {
            if let Some(masked) = masker.mask_json(&call.arguments) {
                call.arguments = masked;
            }
        }
        for (_, value) in &mut message.extra {
            masker.mask_value(value);
        }
    }
    for tool in &mut request.tools {
        if let Some(text) = &mut tool.description {
            change(text);
        }
        for value in [&mut tool.parameters, &mut tool.other].into_iter().flatten() {
            masker.mask_value(value);
        }
    }
    if let Some(format) = &mut request.response_format {
        masker.mask_value(format);
    }
    for (_, value) in &mut request.extra {
        masker.mask_value(value);
    }
}
