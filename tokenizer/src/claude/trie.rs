//! Pieces as a double-array trie of bytes: a step is one look into one table.
//!
//! A unit is a node: its label in 8 bits, the [forms](INNER) of the piece that ends there in 6,
//! and in 18 bits its base; the child with label `b` is at `base ^ b`. No two nodes share a base,
//! so a unit with the right label is the right child.

use crate::error::{Error, Result};

/// A piece of nothing but its text.
pub(super) const INNER: u8 = 1;
/// A piece that takes in the end of a word.
pub(super) const END: u8 = 2;
/// A piece that takes in the beginning of a word.
pub(super) const BEGIN: u8 = 4;
/// A whole word.
pub(super) const WORD: u8 = 8;
/// A whole word with a capital first letter.
pub(super) const SHIFTED: u8 = 16;
/// A whole word in capitals.
pub(super) const CAPITALS: u8 = 32;

const BASE_SHIFT: u32 = 14;
const BLOCK: usize = 256;
/// As many blocks as 18 bits of base reach.
const MAX_BLOCKS: usize = (1 << (32 - BASE_SHIFT)) / BLOCK;
/// In how many of the last blocks room is looked for.
const OPEN_BLOCKS: usize = 16;

/// A node, as it is read while walking.
#[derive(Clone, Copy)]
pub(super) struct Node(u32);

impl Node {
    /// The forms of the piece that ends here; 0 where none does.
    #[inline]
    pub(super) fn forms(self) -> u8 {
        ((self.0 >> 8) & 63) as u8
    }
}

/// The trie.
pub(super) struct Trie {
    units: Vec<u32>,
}

impl Trie {
    #[inline]
    pub(super) fn root(&self) -> Node {
        Node(self.units.first().copied().unwrap_or(0))
    }

    /// The child of `node` with the label `byte`, which is not 0.
    #[inline]
    pub(super) fn step(&self, node: Node, byte: u8) -> Option<Node> {
        let unit = *self.units.get(((node.0 >> BASE_SHIFT) ^ u32::from(byte)) as usize)?;
        (unit as u8 == byte).then_some(Node(unit))
    }

    /// As [`Self::step`], to a node without children or forms where there is no child.
    #[inline]
    pub(super) fn step_or_end(&self, node: Node, byte: u8) -> Node {
        self.step(node, byte).unwrap_or(Node(0))
    }

    /// The node of `text`, where there is one.
    pub(super) fn find(&self, text: &[u8]) -> Option<Node> {
        text.iter().try_fold(self.root(), |node, &byte| self.step(node, byte))
    }
}

/// Nodes as they come; a child comes after its parent and its elder brothers.
pub(super) struct Builder {
    nodes: Vec<Plain>,
}

struct Plain {
    label: u8,
    forms: u8,
    /// 0 for none: node 0 is the root, which is nobody's child.
    first_child: u32,
    last_child: u32,
    next: u32,
}

impl Default for Builder {
    fn default() -> Self {
        Self { nodes: vec![Plain { label: 0, forms: 0, first_child: 0, last_child: 0, next: 0 }] }
    }
}

/// 256 units: which are taken, and which are somebody's base.
struct Block {
    taken: [bool; BLOCK],
    bases: [bool; BLOCK],
    free: usize,
}

impl Builder {
    /// Adds a child to a node and returns its number.
    pub(super) fn child(&mut self, parent: usize, label: u8) -> usize {
        let number = self.nodes.len();
        self.nodes.push(Plain { label, forms: 0, first_child: 0, last_child: 0, next: 0 });
        let mut elder = 0;
        if let Some(parent) = self.nodes.get_mut(parent) {
            elder = parent.last_child;
            parent.last_child = number as u32;
            if elder == 0 {
                parent.first_child = number as u32;
            }
        }
        if elder != 0
            && let Some(elder) = self.nodes.get_mut(elder as usize)
        {
            elder.next = number as u32;
        }
        number
    }

    pub(super) fn set_forms(&mut self, node: usize, forms: u8) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.forms = forms & 63;
        }
    }

    /// Lays the nodes out.
    ///
    /// # Errors
    ///
    /// `invalid_input` where there are more than 18 bits of base can tell apart.
    pub(super) fn build(self) -> Result<Trie> {
        // Block 0 holds the root, and nothing else: a node without children has base 0, where
        // no label is found.
        let mut units = vec![0u32; BLOCK];
        let mut blocks: Vec<Block> = Vec::new();
        // Where each node is; parents come before children.
        let mut places = vec![0usize; self.nodes.len()];
        let mut children: Vec<(usize, u8, u8)> = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            children.clear();
            let mut next = node.first_child as usize;
            while next != 0
                && let Some(child) = self.nodes.get(next)
            {
                children.push((next, child.label, child.forms));
                next = child.next as usize;
            }
            let Some(&(_, head, _)) = children.first() else { continue };
            let open = blocks.len().saturating_sub(OPEN_BLOCKS);
            let found =
                blocks.iter().enumerate().skip(open).find_map(|(index, block)| {
                    block.room(head, &children).map(|base| (index, base))
                });
            let (index, base) = match found {
                Some(found) => found,
                None if blocks.len() + 1 >= MAX_BLOCKS => {
                    return Err(Error::invalid_input(format!(
                        "Claude vocabulary is too large: {} nodes",
                        self.nodes.len()
                    )));
                }
                None => {
                    units.resize(units.len() + BLOCK, 0);
                    blocks.push(Block {
                        taken: [false; BLOCK],
                        bases: [false; BLOCK],
                        free: BLOCK,
                    });
                    (blocks.len() - 1, 0)
                }
            };
            let start = (index + 1) * BLOCK;
            if let Some(block) = blocks.get_mut(index) {
                block.take(base, &children);
            }
            let place = places.get(number).copied().unwrap_or(0);
            if let Some(unit) = units.get_mut(place) {
                *unit |= ((start + base) as u32) << BASE_SHIFT;
            }
            for &(child, label, forms) in &children {
                let place = start + (base ^ usize::from(label));
                if let Some(slot) = places.get_mut(child) {
                    *slot = place;
                }
                if let Some(unit) = units.get_mut(place) {
                    *unit = u32::from(label) | (u32::from(forms) << 8);
                }
            }
        }
        Ok(Trie { units })
    }
}

impl Block {
    /// A base under which all children have room; `head` is the label of the first.
    fn room(&self, head: u8, children: &[(usize, u8, u8)]) -> Option<usize> {
        if self.free < children.len() {
            return None;
        }
        let is = |set: &[bool; BLOCK], index: usize| set.get(index).copied().unwrap_or(true);
        (0..BLOCK).filter(|&slot| !is(&self.taken, slot)).find_map(|slot| {
            let base = slot ^ usize::from(head);
            let fits = !is(&self.bases, base)
                && children
                    .iter()
                    .all(|&(_, label, _)| !is(&self.taken, base ^ usize::from(label)));
            fits.then_some(base)
        })
    }

    fn take(&mut self, base: usize, children: &[(usize, u8, u8)]) {
        if let Some(slot) = self.bases.get_mut(base) {
            *slot = true;
        }
        for &(_, label, _) in children {
            if let Some(slot) = self.taken.get_mut(base ^ usize::from(label)) {
                *slot = true;
            }
        }
        self.free = self.free.saturating_sub(children.len());
    }
}
