//! The lines of a text that are a program, and what they hold.

/// Counts of the lines that are a program.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    pub lines: u32,
    pub characters: u32,
    pub loops: u32,
    pub branches: u32,
    pub returns: u32,
    pub calls: u32,
    pub indexing: u32,
    pub slices: u32,
    pub methods: u32,
    pub mutations: u32,
    pub searches: u32,
    pub cases: u32,
    pub logic: u32,
    pub arithmetic: u32,
    pub comparisons: u32,
    pub jumps: u32,
    pub literals: u32,
    pub literal_characters: u32,
    pub numbers: u32,
    pub depth: u32,
    pub checks: u32,
    pub last_line: u32,
}

impl Code {
    /// Reads one line, its indentation included.
    pub(super) fn read(&mut self, raw: &str) {
        self.lines += 1;
        let indent =
            raw.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 });
        self.depth = self.depth.max(indent.sum::<u32>() / 4);
        let line = raw.trim();
        let mut length = 0_u32;
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut previous = ' ';
        let mut brackets = 0_u32;
        let mut dotted = false;
        for character in line.chars() {
            length += 1;
            if let Some(open) = quote {
                if character == open && previous != '\\' {
                    quote = None;
                } else {
                    self.literal_characters += 1;
                }
                previous = character;
                continue;
            }
            if character.is_alphanumeric() || character == '_' {
                word.push(character);
            } else {
                self.word(&word, dotted, character == '(');
                if !word.is_empty() {
                    dotted = false;
                }
                word.clear();
            }
            match character {
                '"' | '\'' => {
                    quote = Some(character);
                    self.literals += 1;
                }
                '(' => self.calls += 1,
                '[' => {
                    brackets += 1;
                    self.indexing +=
                        u32::from(previous.is_alphanumeric() || matches!(previous, ']' | ')'));
                }
                ']' => brackets = brackets.saturating_sub(1),
                ':' if brackets > 0 => self.slices += 1,
                '.' => dotted = true,
                '+' | '-' | '*' | '/' | '%' => self.arithmetic += 1,
                '<' | '>' => self.comparisons += 1,
                '=' if matches!(previous, '=' | '!' | '<' | '>') => self.comparisons += 1,
                '#' => break,
                _ => {}
            }
            previous = character;
        }
        self.word(&word, dotted, false);
        self.characters += length;
        self.last_line = length;
    }

    fn word(&mut self, word: &str, dotted: bool, called: bool) {
        match word {
            "" => return,
            "for" | "while" | "loop" => self.loops += 1,
            "if" | "elif" | "else" | "switch" | "match" | "case" => self.branches += 1,
            "return" | "yield" => self.returns += 1,
            "and" | "or" | "not" | "in" | "is" => self.logic += 1,
            "break" | "continue" | "try" | "except" | "catch" | "raise" | "throw" => {
                self.jumps += 1
            }
            _ => {}
        }
        self.numbers += u32::from(word.bytes().all(|b| b.is_ascii_digit()));
        if dotted && called {
            self.methods += 1;
            match word {
                "append" | "pop" | "remove" | "insert" | "sort" | "reverse" | "extend"
                | "update" | "clear" | "popitem" | "setdefault" | "push" | "shift" | "splice" => {
                    self.mutations += 1;
                }
                "find" | "rfind" | "index" | "rindex" | "count" | "partition" | "rpartition"
                | "split" | "rsplit" | "strip" | "lstrip" | "rstrip" | "replace" | "join"
                | "startswith" | "endswith" | "indexOf" | "slice" | "translate" | "splitlines"
                | "zfill" | "ljust" | "rjust" | "center" => self.searches += 1,
                "upper" | "lower" | "swapcase" | "title" | "capitalize" | "casefold" => {
                    self.cases += 1
                }
                _ if word.starts_with("is") => self.checks += 1,
                _ => {}
            }
        }
    }
}

/// A line that is part of a program rather than of a sentence.
pub(super) fn looks_like_code(line: &str) -> bool {
    const STARTS: [&str; 30] = [
        "def ",
        "class ",
        "return ",
        "import ",
        "from ",
        "for ",
        "while ",
        "if ",
        "elif ",
        "else:",
        "else {",
        "assert ",
        "print(",
        "const ",
        "let ",
        "var ",
        "fn ",
        "func ",
        "function ",
        "pub ",
        "public ",
        "private ",
        "static ",
        "#include",
        "SELECT ",
        "try:",
        "except",
        "break",
        "continue",
        "} ",
    ];
    let ends = line.ends_with(['{', '}', ';', ':', ')', ']'])
        || matches!(line, "break" | "continue" | "pass" | "return");
    // Most lines are prose and have neither sign: searching for single bytes is far cheaper.
    let has = |sign: u8| line.as_bytes().contains(&sign);
    let (equals, opens) = (has(b'='), has(b'('));
    let strong = (equals && (line.contains("==") || line.contains("=>") || line.contains(" += ")))
        || (opens && (line.contains("();") || line.contains("](")))
        || line.ends_with("){")
        || line.ends_with(") {")
        || line.ends_with("):")
        || line.ends_with("};")
        || line == "}"
        || line == "{";
    let starts = STARTS.iter().any(|start| line.starts_with(start));
    let assignment = equals
        && line.split_once(" = ").is_some_and(|(left, right)| {
            !right.is_empty()
                && left.len() < 40
                && !left.contains('\\')
                && !left.contains('$')
                && left.split_whitespace().count() <= 3
                && (right.contains('(')
                    || right.contains('[')
                    || right.contains('{')
                    || right.contains('"')
                    || right.contains('\'')
                    || right.contains('.')
                    || line.ends_with(';'))
        });
    let call = opens
        && line.split_once('(').is_some_and(|(left, _)| {
            left.contains('.')
                && !left.contains(' ')
                && (line.ends_with(')') || line.ends_with(';'))
        });
    let words = || line.split_whitespace().count();
    let code = strong
        || call
        || assignment
        || (starts && (ends || opens || equals))
        || (starts && words() <= 4 && !line.ends_with(['.', '?']));
    code && (words() <= 14 || line.contains("=="))
}
