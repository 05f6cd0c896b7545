//! The parts of a model's name, and what may be peeled off it.

use super::days::days;
use super::{Model, Service, Variant};

/// Regions that stand before or after a name. `global` is a region without a surcharge.
const REGIONS: &[&str] = &["us", "eu", "apac", "au", "jp", "ca", "in", "uk", "global", "us-gov"];

/// Makers, as they are written before a name.
const LABS: &[&str] = &[
    "ai21",
    "alibaba",
    "amazon",
    "anthropic",
    "baidu",
    "bytedance",
    "cohere",
    "deepseek",
    "deepseek-ai",
    "google",
    "ibm",
    "inception",
    "meta",
    "meta-llama",
    "microsoft",
    "minimax",
    "minimaxai",
    "mistral",
    "mistralai",
    "moonshot",
    "moonshotai",
    "nvidia",
    "openai",
    "perplexity",
    "qwen",
    "spacexai",
    "stepfun",
    "stepfun-ai",
    "tencent",
    "upstage",
    "writer",
    "x-ai",
    "xai",
    "xiaomi",
    "xiaomimimo",
    "z-ai",
    "zai",
    "zai-org",
    "zhipuai",
];

/// Gateways and clouds that glue their name to the model's.
const GLUED: &[&str] = &["databricks", "duo-chat", "bedrock", "azure", "vertex", "coding", "hf"];

/// Words of addresses that name nobody.
const STRUCTURE: &[&str] =
    &["models", "publishers", "projects", "locations", "accounts", "routers", "deployments", "hf"];

/// Endings that do not tell models apart and do not change the price: effort, thinking, how the
/// weights are stored, what a gateway adds. Tried only where the name with them is not known.
const NEUTRAL: &[&str] = &[
    "thinking",
    "think",
    "reasoning",
    "latest",
    "default",
    "maas",
    "online",
    "official",
    "beta",
    "tee",
    "extended",
    "exacto",
    "high",
    "low",
    "medium",
    "xhigh",
    "minimal",
    "none",
    "max",
    "fp4",
    "fp8",
    "fp16",
    "bf16",
    "nvfp4",
    "mxfp4",
    "int4",
    "int8",
    "awq",
    "gptq",
    "autoround",
    "1m",
    "1024",
    "8192",
    "32768",
    "instruct",
    "it",
];

/// Endings that open weights are published with, and that gateways leave away.
const OPTIONAL: &[&str] = &["instruct", "it"];

/// A name, split by its punctuation.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    /// What is left, in lower case.
    pub(super) name: String,
    /// The maker that the name states.
    lab: Option<String>,
    variant: Variant,
}

/// A key to look up, and what was peeled off to come to it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) key: String,
    pub(super) variant: Variant,
    /// Whether all punctuation is gone.
    pub(super) squeezed: bool,
    /// What may be put before or after the key, once: `llama-3.3-70b` is published as
    /// `llama-3.3-70b-instruct`, and Bedrock writes `deepseek.r1` for DeepSeek-R1.
    addable: Vec<String>,
    /// Days since 0000-03-01 of a date that was peeled off.
    date: Option<i64>,
}

/// Splits a name by its punctuation: path, geography, tags, version.
pub(super) fn parse(given: &str) -> Parsed {
    let mut name = given.trim().to_ascii_lowercase();
    let mut variant = Variant::default();
    if name.starts_with("arn:") {
        variant.region = name.split(':').nth(3).filter(|r| !r.is_empty()).map(str::to_owned);
    }
    if let Some((before, _)) = name.split_once('[').filter(|_| name.ends_with(']')) {
        name = before.to_owned();
    }
    let mut lab = None;
    let mut path: Vec<&str> =
        name.split('/').map(|part| part.trim_matches(['~', '@', ' '])).collect();
    let last = path.pop().unwrap_or_default();
    let mut previous = "";
    for part in path {
        if previous == "locations" || REGIONS.contains(&part) {
            set_region(&mut variant, part);
        } else if LABS.contains(&part) {
            lab = Some(part.to_owned());
        } else if !part.is_empty()
            && !STRUCTURE.contains(&part)
            && !part.starts_with("arn:")
            && previous != "projects"
        {
            variant.host.get_or_insert_with(|| part.to_owned());
        }
        previous = part;
    }
    // `anthropic--claude-4-opus`
    let last = last.rsplit_once("--").map_or(last, |(_, rest)| rest);
    let last = last.strip_prefix("hf:").unwrap_or(last);
    let (last, version) = last.split_once('@').map_or((last, None), |(a, b)| (a, Some(b)));
    let mut tags = last.split(':');
    let mut rest = tags.next().unwrap_or_default().to_owned();
    for tag in tags.chain(version) {
        take_tag(&mut rest, &mut variant, tag);
    }
    while let Some((before, after)) = rest.split_once('.') {
        if REGIONS.contains(&before) {
            set_region(&mut variant, before);
        } else if LABS.contains(&before) {
            lab = Some(before.to_owned());
        } else {
            break;
        }
        rest = after.to_owned();
    }
    Parsed { name: rest, lab, variant }
}

fn set_region(variant: &mut Variant, region: &str) {
    variant.region = (region != "global").then(|| region.to_owned());
}

/// `:free`, `:0`, `@eu`, `@20250514`, `:70b`.
fn take_tag(rest: &mut String, variant: &mut Variant, tag: &str) {
    let digits = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(service) = service(tag) {
        variant.service = Some(service);
    } else if tag == "free" {
        variant.free = true;
    } else if REGIONS.contains(&tag) {
        set_region(variant, tag);
    } else if tag.is_empty() || NEUTRAL.contains(&tag) || (digits && tag.len() < 4) {
        // Bedrock's minor version, an effort, a default. Four digits may be a date, which tells
        // models apart.
    } else {
        rest.push('-');
        rest.push_str(tag);
    }
}

fn service(word: &str) -> Option<Service> {
    match word {
        "batch" => Some(Service::Batch),
        "flex" => Some(Service::Flex),
        "priority" => Some(Service::Priority),
        "fast" => Some(Service::Fast),
        _ => None,
    }
}

/// One spelling for `.`, `_` and `-`.
pub(super) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if c != '-' || !(key.is_empty() || key.ends_with('-')) {
            key.push(c);
        }
    }
    key.truncate(key.trim_end_matches('-').len());
    key
}

/// A key without any punctuation.
pub(super) fn squeezed(key: &str) -> String {
    key.chars().filter(|c| *c != '-').collect()
}

impl Parsed {
    pub(super) fn candidate(&self) -> Candidate {
        let addable = OPTIONAL.iter().map(|word| format!("-{word}"));
        let addable = addable.chain(self.lab.iter().map(|lab| format!("{lab}-"))).collect();
        Candidate {
            key: key(&self.name),
            variant: self.variant.clone(),
            squeezed: false,
            addable,
            date: None,
        }
    }

    /// Whether the name is the maker's own: no gateway, cloud or host stands before it.
    pub(super) fn is_of_maker(&self) -> bool {
        self.variant.host.is_none()
    }
}

impl Candidate {
    /// Whether what was peeled off can be said of this model: it came out on that day, or it has
    /// that service.
    pub(super) fn fits(&self, model: &Model) -> bool {
        let released = model.released.as_deref().and_then(days);
        let dated =
            self.date.is_none_or(|date| released.is_some_and(|day| (day - date).abs() <= 3));
        // xAI's `-fast` models are models of their own; elsewhere it is a service.
        let fast = self.variant.service != Some(Service::Fast) || model.lab != "xai";
        dated && fast
    }

    /// Every name that has one thing less.
    pub(super) fn peeled(&self) -> Vec<Self> {
        if self.squeezed {
            return Vec::new();
        }
        let mut found = Vec::new();
        let with = |key: &str, change: &dyn Fn(&mut Self)| {
            let mut next = Self { key: key.to_owned(), ..self.clone() };
            change(&mut next);
            next
        };
        let same = |_: &mut Self| {};
        for word in LABS.iter().chain(GLUED) {
            if let Some(rest) = self.key.strip_prefix(word).and_then(|rest| rest.strip_prefix('-'))
            {
                found.push(with(rest, &same));
            }
        }
        if let Some((rest, word)) = self.key.rsplit_once('-') {
            if NEUTRAL.contains(&word) || is_version(word) {
                found.push(with(rest, &same));
            }
            if word == "free" {
                found.push(with(rest, &|next| next.variant.free = true));
            }
            if let Some(service) = service(word) {
                found.push(with(rest, &|next| next.variant.service = Some(service)));
            }
            if REGIONS.contains(&word) {
                found.push(with(rest, &|next| set_region(&mut next.variant, word)));
            }
        }
        if let (None, Some((rest, date))) = (self.date, split_date(&self.key)) {
            found.push(with(rest, &|next| next.date = Some(date)));
        }
        for word in &self.addable {
            let longer = match word.strip_prefix('-') {
                Some(last) if self.key.ends_with(last) => continue,
                Some(_) => format!("{}{word}", self.key),
                None => format!("{word}{}", self.key),
            };
            found.push(with(&longer, &|next| next.addable.clear()));
        }
        found.extend(points(&self.key).map(|key| with(&key, &same)));
        found.extend(family_elsewhere(&self.key).map(|key| with(&key, &same)));
        found.push(with(&squeezed(&self.key), &|next| next.squeezed = true));
        found
    }
}

/// Bedrock's `-v1`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|n| matches!(n, "1" | "2"))
}

/// `name-20250514` or `name-2025-05-14` -> the name, and the date in days.
fn split_date(key: &str) -> Option<(&str, i64)> {
    let (rest, word) = key.rsplit_once('-')?;
    if word.len() == 8 {
        return Some((rest, days(word)?));
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    (year.len() == 4 && month.len() == 2 && word.len() == 2)
        .then(|| days(&format!("{year}{month}{word}")))
        .flatten()
        .map(|date| (rest, date))
}

/// Fireworks writes `5p2` for 5.2.
fn points(key: &str) -> Option<String> {
    let chars: Vec<char> = key.chars().collect();
    let digit = |place: Option<usize>| {
        place.and_then(|place| chars.get(place)).is_some_and(char::is_ascii_digit)
    };
    let changed: String = chars
        .iter()
        .enumerate()
        .map(|(place, c)| {
            let between = digit(place.checked_sub(1)) && digit(place.checked_add(1));
            if *c == 'p' && between { '-' } else { *c }
        })
        .collect();
    (changed != key).then_some(changed)
}

/// `claude-4-opus` for `claude-opus-4`, and `claude-sonnet-3-7` for `claude-3-7-sonnet`.
fn family_elsewhere(key: &str) -> Option<String> {
    let words: Vec<&str> = key.split('-').collect();
    let (first, rest) = words.split_first()?;
    if *first != "claude" {
        return None;
    }
    let number = |word: &&str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let family = |word: &&str| ["opus", "sonnet", "haiku", "fable", "mythos"].contains(word);
    let (place, name) = rest.iter().enumerate().find(|(_, word)| family(word))?;
    let before: Vec<&str> = rest.iter().take(place).copied().collect();
    let after: Vec<&str> = rest.iter().skip(place + 1).copied().collect();
    let moved: Vec<&str> = if !before.is_empty() && before.iter().all(number) {
        std::iter::once(*name).chain(before).chain(after).collect()
    } else if before.is_empty() {
        let numbers = after.iter().take_while(|word| number(word)).count();
        let (version, tail) = after.split_at_checked(numbers)?;
        version.iter().copied().chain(std::iter::once(*name)).chain(tail.iter().copied()).collect()
    } else {
        return None;
    };
    Some(format!("claude-{}", moved.join("-")))
}
