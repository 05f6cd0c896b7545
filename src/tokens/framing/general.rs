//! Any provider whose framing is not known better: a few tokens around each message, the tools
//! somewhere between minified JSON and a verbose one.

use super::EstimateOptions;
use super::bill::{Bill, part};
use crate::catalog::Model;
use crate::chat::{ChatRequest, Content, Part, Role};
use crate::tokens::counter::Texts;
use crate::tokens::{Interval, image};

pub(super) fn add(
    bill: &mut Bill,
    request: &ChatRequest,
    model: &Model,
    texts: Texts,
    _options: &EstimateOptions,
) {
    bill.doubt();
    bill.add(part::FRAMING, Interval { low: 0, tokens: 3, high: 12 });
    for message in &request.messages {
        let place = match message.role {
            Role::System | Role::Developer => part::SYSTEM,
            _ => part::MESSAGES,
        };
        bill.add(place, texts.count(&message.content.text()));
        bill.add(part::FRAMING, Interval { low: 1, tokens: 4, high: 8 });
        if let Content::Parts(parts) = &message.content {
            let rule = image::rule(model).rule;
            for one in parts {
                match one {
                    Part::Text { .. } => {}
                    Part::Image(picture) => {
                        let size = picture.size.or_else(|| image::size_of_data_url(&picture.url));
                        bill.add(part::IMAGES, rule.tokens(size, picture.detail.as_deref()));
                    }
                    Part::File(_) | Part::Other(_) => {
                        bill.add(part::FILES, Interval { low: 0, tokens: 1500, high: 20_000 });
                    }
                }
            }
        }
        for call in &message.tool_calls {
            bill.add(part::TOOL_CALLS, texts.count(&call.name) + texts.count(&call.arguments));
            bill.add(part::FRAMING, Interval { low: 3, tokens: 15, high: 40 });
        }
    }
    if !request.tools.is_empty() {
        bill.add(part::TOOLS, Interval { low: 0, tokens: 60, high: 400 });
    }
    for tool in &request.tools {
        let schema = tool.parameters.as_ref().map(ToString::to_string).unwrap_or_default();
        let inner = texts.count(&tool.name)
            + texts.count(tool.description.as_deref().unwrap_or_default())
            + texts.count(&schema)
            + tool.other.as_ref().map(|o| texts.count(&o.to_string())).unwrap_or_default();
        bill.add(part::TOOLS, inner.widened(inner.tokens / 2, inner.tokens / 4));
        bill.add(part::TOOLS, Interval { low: 2, tokens: 12, high: 40 });
    }
    if let Some(format) = &request.response_format {
        let inner = texts.count(&format.to_string());
        bill.add(
            part::SCHEMA,
            Interval { low: 0, tokens: inner.tokens, high: inner.high * 2 + 100 },
        );
    }
}
