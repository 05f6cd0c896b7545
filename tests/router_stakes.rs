//! Stakes, on prompts of our own writing: `built.tsv` was at hand while the lexicon was written,
//! `held.tsv` was written before it and looked at only to measure.

use promptfare::router::stakes::{Domain, recognise};
use std::collections::BTreeMap;

struct Figures {
    hits: BTreeMap<String, (usize, usize)>,
    quiet: (usize, usize),
    extra: usize,
    misses: Vec<String>,
}

fn measure(table: &str) -> Figures {
    let mut figures =
        Figures { hits: BTreeMap::new(), quiet: (0, 0), extra: 0, misses: Vec::new() };
    for line in table.lines() {
        let mut columns = line.split('\t');
        let [language, domain, text] = [(); 3].map(|()| columns.next().unwrap_or_default());
        assert!(!text.is_empty() && columns.next().is_none(), "three columns wanted: {line}");
        let found = recognise(text);
        let names: Vec<&str> = found.iter().map(|stake| stake.domain.name()).collect();
        if domain == "none" {
            figures.quiet.1 += 1;
            figures.quiet.0 += usize::from(names.is_empty());
            if !names.is_empty() {
                figures.misses.push(format!("{line} -> {found:?}"));
            }
            continue;
        }
        let hit = names.contains(&domain);
        for key in [format!("language {language}"), format!("domain {domain}")] {
            let entry = figures.hits.entry(key).or_default();
            entry.1 += 1;
            entry.0 += usize::from(hit);
        }
        figures.extra += names.iter().filter(|name| **name != domain).count();
        if !hit {
            figures.misses.push(format!("{line} -> {names:?}"));
        }
    }
    figures
}

fn show(title: &str, figures: &Figures) -> (usize, usize) {
    let domains = || figures.hits.iter().filter(|(key, _)| key.starts_with("domain"));
    let hit = domains().map(|(_, (hit, _))| hit).sum::<usize>();
    let all = domains().map(|(_, (_, all))| all).sum::<usize>();
    println!(
        "{title}: {hit} of {all} recognised; {} of {} harmless ones left alone; {} further fields named",
        figures.quiet.0, figures.quiet.1, figures.extra
    );
    for (key, (hit, all)) in &figures.hits {
        println!("  {key}: {hit} of {all}");
    }
    (hit, all)
}

#[test]
fn stakes_are_recognised_in_fifteen_languages() {
    let built = measure(include_str!("stakes/built.tsv"));
    let (hit, all) = show("built on", &built);
    if std::env::var("STAKES_MISSES").is_ok() {
        println!("{}", built.misses.join("\n"));
    }
    assert!(hit * 100 >= all * 97, "{:#?}", built.misses);
    assert_eq!(built.quiet.0, built.quiet.1, "{:#?}", built.misses);
    let held = measure(include_str!("stakes/held.tsv"));
    let (hit, all) = show("held back", &held);
    assert!(hit * 100 >= all * 85, "{hit} of {all}");
    assert!(held.quiet.0 * 100 >= held.quiet.1 * 90);
    let after = measure(include_str!("stakes/everyday.tsv"));
    show("everyday wording", &after);
    let last = measure(include_str!("stakes/last.tsv"));
    show("written last, measured once", &last);
    assert_eq!(held.hits.keys().filter(|key| key.starts_with("language")).count(), 15);
}

#[test]
fn evidence_is_what_stands_in_the_text() {
    let found = recognise("Can I SUE my landlord? My lawyer says the lease is void.");
    assert_eq!(found.first().map(|stake| stake.domain), Some(Domain::Legal));
    assert!(found[0].evidence.iter().any(|word| word == "lawyer"), "{found:?}");
    assert!(recognise("").is_empty());
    assert!(recognise("- ' \u{2019} --- \u{0}").is_empty());
}
