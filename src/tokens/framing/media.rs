//! Pictures, documents and what else stands in a message beside its text, for providers that count
//! them apart from it.

use super::bill::{self, Bill};
use crate::catalog::Model;
use crate::chat::{Content, ImagePart, Message, Part};
use crate::tokens::counter::Texts;
use crate::tokens::{Interval, document, image};

/// Adds everything of a message that is not text.
pub(super) fn add_parts(
    bill: &mut Bill,
    message: &Message,
    model: &Model,
    texts: Texts,
    through_gateway: bool,
) {
    let Content::Parts(parts) = &message.content else { return };
    for part in parts {
        match part {
            Part::Text { .. } => {}
            Part::Image(picture) => {
                let rule = image::rule(model);
                let size = size_of(picture);
                bill.add(bill::part::IMAGES, rule.rule.tokens(size, picture.detail.as_deref()));
                if !rule.certain || size.is_none() {
                    bill.doubt();
                }
            }
            Part::File(_) | Part::Other(_) => {
                bill.add(bill::part::FILES, document::generic(part, model, through_gateway, texts));
                if model.lab == "openai" && !through_gateway && message.content.text().is_empty() {
                    bill.less(bill::part::FILES, 4);
                }
                bill.doubt();
            }
        }
    }
}

/// The same for a tool's result. OpenAI's models are not shown its pictures as pictures: 9 to 24
/// tokens stand for one (24 records).
pub(super) fn add_parts_of_result(
    bill: &mut Bill,
    message: &Message,
    model: &Model,
    texts: Texts,
    through_gateway: bool,
) {
    let Content::Parts(parts) = &message.content else { return };
    if !parts.iter().any(|one| matches!(one, Part::Image(_))) {
        return add_parts(bill, message, model, texts, through_gateway);
    }
    for one in parts.iter().filter(|one| !matches!(one, Part::Text { .. })) {
        bill.add(bill::part::IMAGES, Interval::new(0, 20, 2000));
        if !matches!(one, Part::Image(_)) {
            bill.add(bill::part::FILES, document::generic(one, model, through_gateway, texts));
        }
    }
    bill.doubt();
}

/// The size that the caller states, or that the picture's own header does.
pub(super) fn size_of(picture: &ImagePart) -> Option<image::Size> {
    picture.size.or_else(|| image::size_of_data_url(&picture.url))
}
