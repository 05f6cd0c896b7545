//! Addresses of gateways. Only what is needed: is it one that a page may send to, and what does it
//! become when a path is put behind it.

use crate::error::{Error, Result};

/// Whether `url` is a path on the page's own origin, like `/gateway/v1`.
pub fn same_origin_path(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//")
}

/// `base` with `path` (such as `chat/completions`) behind it, whether or not `base` ends with a
/// slash, and before its query if it has one. A `base` that ends with the path already stays.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for anything but `http://`, `https://` or a path on the same
/// origin, for an address without host, with white space, with a fragment, or with a name and
/// password (a key in an address ends up in logs).
pub fn join_url(base: &str, path: &str) -> Result<String> {
    let base = base.trim();
    check(base)?;
    let (address, query) = match base.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (base, None),
    };
    let address = address.trim_end_matches('/');
    let path = path.trim_matches('/');
    let mut url = match address.strip_suffix(path) {
        Some(before) if before.ends_with('/') => address.to_owned(),
        _ => format!("{address}/{path}"),
    };
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    Ok(url)
}

/// An address to be shown and kept in receipts: its query stays behind, since it may hold a key.
pub fn shown_url(url: &str) -> &str {
    url.split_once('?').map_or(url, |(address, _)| address)
}

/// Host and port of an address, in lower case, `None` for a path on the same origin.
pub(super) fn authority(url: &str) -> Option<String> {
    let rest = without_scheme(url)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(rest.get(..end)?.to_ascii_lowercase())
}

fn without_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(rest)
}

fn check(base: &str) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::invalid_input(format!(
            "baseUrl: {why}, wanted an address like \"https://host/v1\" or \"/gateway/v1\""
        )))
    };
    if base.is_empty() {
        return refuse("found an empty string");
    }
    // Browsers take a backslash for a slash, so "/\\host" would leave the origin.
    if base.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return refuse("found white space, a control character or a backslash");
    }
    if base.contains('#') {
        return refuse("found a fragment (#)");
    }
    if same_origin_path(base) {
        return Ok(());
    }
    let Some(authority) = authority(base) else {
        let scheme = base.split_once(':').map_or("no scheme", |(scheme, _)| scheme);
        let shown: String = scheme.chars().take(20).collect();
        return refuse(&format!("found scheme {shown:?}"));
    };
    if authority.contains('@') {
        return refuse("found a name or password before the host");
    }
    let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
    if host.is_empty() {
        return refuse("found no host");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_with_or_without_slash() {
        for (base, wanted) in [
            ("https://api.xroute.ai/openai/v1", "https://api.xroute.ai/openai/v1/chat/completions"),
            (
                "https://api.xroute.ai/openai/v1/",
                "https://api.xroute.ai/openai/v1/chat/completions",
            ),
            ("http://[::1]:4000", "http://[::1]:4000/chat/completions"),
            ("HTTPS://Host/v1//", "HTTPS://Host/v1/chat/completions"),
            ("/gateway/v1", "/gateway/v1/chat/completions"),
            ("/", "/chat/completions"),
            ("https://h/v1/chat/completions", "https://h/v1/chat/completions"),
            ("https://h/x?api-version=1", "https://h/x/chat/completions?api-version=1"),
            ("https://h/notchat/completions", "https://h/notchat/completions/chat/completions"),
        ] {
            assert_eq!(join_url(base, "chat/completions").unwrap(), wanted, "{base}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        assert_eq!(shown_url("https://h/v1?key=secret?x"), "https://h/v1");
        assert_eq!(shown_url("/gateway/v1"), "/gateway/v1");
    }

    #[test]
    fn refuses_what_a_page_must_not_send_to() {
        for base in [
            "",
            "ftp://host/v1",
            "javascript:alert(1)",
            "data:text/plain,x",
            "//evil.example/v1",
            "https://",
            "https://:80/",
            "https://user:secretpass@host/v1",
            "https://ho st/",
            "host/v1",
            "file:///etc",
            "/\\evil.example",
            "https://host/#x",
        ] {
            let error = join_url(base, "chat/completions").unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{base}");
            assert!(!error.message().contains("secretpass"));
        }
    }
}
