//! Usage: the normal form, and how providers' bodies become it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use promptfare::chat::Usage;
use serde_json::json;

#[test]
fn the_normal_form_reads_by_name() {
    let read = |value| Usage::from_value(&value);
    let usage = read(json!({"inputTokens": 10.0, "outputTokens": 2, "cacheReadTokens": null,
        "cacheWrite1hTokens": 1, "cacheWriteTokens": 3}))
    .unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (10, 2));
    assert_eq!((usage.cache_read_tokens, usage.cache_write_tokens), (None, Some(3)));
    assert_eq!(read(serde_json::to_value(&usage).unwrap()), Ok(usage));
    let message = |value| read(value).unwrap_err().message().to_owned();
    assert!(
        message(json!({"inputTokens": -1, "outputTokens": 2}))
            .starts_with("usage.inputTokens: found -1")
    );
    assert!(message(json!({"inputTokens": 1})).starts_with("usage.outputTokens: found null"));
    assert!(message(json!({"inputTokens": 1.5, "outputTokens": 2})).contains("found 1.5"));
    assert!(message(json!([])).starts_with("usage: found []"));
}
