//! The outside of every vocabulary file: what it is, how long it is, and a hash that a wrong, cut
//! or altered file does not pass.
//!
//! ```text
//! offset  bytes  content
//! 0       4      magic "pfv" and the version of this header, 0x01
//! 4       1      n, the length of the name
//! 5       n      the name, ASCII, e.g. "o200k_base"
//! 5+n     4      the length of the payload in bytes, little endian
//! 9+n     32     SHA-256 of everything else in the file: bytes 0..9+n, then the payload
//! 41+n    ...    the payload, which belongs to the tokenizer
//! ```

use crate::error::{Error, Result};

/// The first bytes of every file: three letters and the version of the header.
const MAGIC: [u8; 4] = *b"pfv\x01";
/// A SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// Takes a vocabulary file apart: its name and its payload.
///
/// # Errors
///
/// `invalid_input` where the bytes are not a vocabulary file, are cut short or too long, or were
/// altered. The payload may be trusted to be what was written, not to be well made.
pub fn read(bytes: &[u8]) -> Result<(&str, &[u8])> {
    let cut = || {
        Error::invalid_input(format!("vocabulary file is cut short: {} bytes found", bytes.len()))
    };
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else { return Err(cut()) };
    if *magic != MAGIC {
        return Err(Error::invalid_input(format!(
            "not a vocabulary file of this version: it begins with {magic:02x?}, wanted {MAGIC:02x?}"
        )));
    }
    let (&name_length, rest) = rest.split_first().ok_or_else(cut)?;
    let (name, rest) = rest.split_at_checked(usize::from(name_length)).ok_or_else(cut)?;
    let (&length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let (digest, payload) = rest.split_first_chunk::<DIGEST_BYTES>().ok_or_else(cut)?;
    let wanted = u32::from_le_bytes(length);
    if usize::try_from(wanted).ok() != Some(payload.len()) {
        return Err(Error::invalid_input(format!(
            "vocabulary file has the wrong length: a payload of {} bytes found, {wanted} wanted",
            payload.len()
        )));
    }
    if sha256(&[&MAGIC, &[name_length], name, &length, payload]) != *digest {
        return Err(Error::invalid_input(
            "vocabulary file is damaged: its content does not match its SHA-256",
        ));
    }
    match std::str::from_utf8(name) {
        Ok(name) => Ok((name, payload)),
        Err(_) => Err(Error::invalid_input("vocabulary file has a name that is not text")),
    }
}

/// The payload of the vocabulary file that must be called `name`.
///
/// # Errors
///
/// As [`read`], and `invalid_input` where the file is another vocabulary.
pub fn read_named<'a>(bytes: &'a [u8], name: &str) -> Result<&'a [u8]> {
    let (found, payload) = read(bytes)?;
    if found == name {
        Ok(payload)
    } else {
        Err(Error::invalid_input(format!("vocabulary file is {found:?}, wanted {name:?}")))
    }
}

/// The file that [`read`] takes apart into `name` and `payload`.
///
/// # Errors
///
/// `invalid_input` for a name of more than 255 bytes or a payload of 4 GiB or more.
pub fn write(name: &str, payload: &[u8]) -> Result<Vec<u8>> {
    let name_length = u8::try_from(name.len()).map_err(|_| {
        Error::invalid_input(format!("vocabulary name has {} bytes, wanted 255", name.len()))
    })?;
    let length = u32::try_from(payload.len()).map_err(|_| {
        Error::invalid_input(format!("vocabulary has {} bytes, wanted below 4 GiB", payload.len()))
    })?;
    let length = length.to_le_bytes();
    let digest = sha256(&[&MAGIC, &[name_length], name.as_bytes(), &length, payload]);
    Ok([&MAGIC[..], &[name_length], name.as_bytes(), &length, &digest, payload].concat())
}

/// The SHA-256 (FIPS 180-4) of the parts put together.
pub fn sha256(parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
    // FIPS 180-4, 5.3.3: from the square roots of the first eight primes.
    #[rustfmt::skip]
    let mut state: [u32; 8] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ];
    let mut pending = Vec::with_capacity(128);
    let mut total: u64 = 0;
    for part in parts {
        total = total.wrapping_add(part.len() as u64);
        // Whole blocks are hashed where they lie; only the ends of the parts are gathered.
        let missing = if pending.is_empty() { 0 } else { 64 - pending.len() };
        let (head, rest) = part.split_at(missing.min(part.len()));
        pending.extend_from_slice(head);
        if pending.len() == 64 {
            for block in pending.as_chunks().0 {
                compress(&mut state, block);
            }
            pending.clear();
        }
        let (blocks, rest) = rest.as_chunks();
        for block in blocks {
            compress(&mut state, block);
        }
        pending.extend_from_slice(rest);
    }
    pending.push(0x80);
    while pending.len() % 64 != 56 {
        pending.push(0);
    }
    pending.extend_from_slice(&total.wrapping_mul(8).to_be_bytes());
    for block in pending.as_chunks().0 {
        compress(&mut state, block);
    }
    let mut digest = [0; DIGEST_BYTES];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

/// FIPS 180-4, 6.2.2.
///
/// A call for each block: WebAssembly engines run a function as first compiled, about ten times
/// slower, until a later call, so one call for all blocks would never be fast.
#[inline(never)]
fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    // The schedule as a ring of the last sixteen words; `& 15` keeps every index inside.
    let mut ring = [0u32; 16];
    for (word, bytes) in ring.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (round, constant) in ROUND_CONSTANTS.iter().enumerate() {
        let at = |index: usize| ring.get(index & 15).copied().unwrap_or(0);
        let mut word = at(round);
        if round >= 16 {
            let (w15, w2) = (at(round + 1), at(round + 14));
            let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
            let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
            word = word.wrapping_add(s0).wrapping_add(at(round + 9)).wrapping_add(s1);
        }
        if let Some(slot) = ring.get_mut(round & 15) {
            *slot = word;
        }
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

/// FIPS 180-4, 4.2.2: from the cube roots of the first 64 primes.
#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(parts: &[&[u8]]) -> String {
        sha256(parts).iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn hashes_as_the_standard_says() {
        // The examples of FIPS 180-4's companion, and the million letters.
        assert_eq!(hex(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&[b"abc"]), abc);
        assert_eq!(hex(&[b"a", b"", b"bc"]), abc);
        assert_eq!(
            hex(&[b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"]),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(
            hex(&[&[b'a'; 1_000_000]]),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }

    #[test]
    fn refuses_another_name() {
        let file = write("o200k_base", b"payload").unwrap();
        assert_eq!(read_named(&file, "o200k_base").unwrap(), b"payload");
        let error = read_named(&file, "cl100k_base").unwrap_err();
        assert!(error.message().contains("o200k_base") && error.message().contains("cl100k_base"));
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(name in "[a-z0-9_.-]{0,40}", payload: Vec<u8>) {
            let file = write(&name, &payload).unwrap();
            prop_assert_eq!(read(&file).unwrap(), (name.as_str(), payload.as_slice()));
        }

        #[test]
        fn hashes_the_same_however_it_is_cut(bytes in prop::collection::vec(any::<u8>(), 0..300),
                                             cuts: (prop::sample::Index, prop::sample::Index)) {
            let (a, rest) = bytes.split_at(cuts.0.index(bytes.len() + 1));
            let (b, c) = rest.split_at(cuts.1.index(rest.len() + 1));
            prop_assert_eq!(sha256(&[a, b, c]), sha256(&[&bytes]));
        }

        #[test]
        fn refuses_every_change(payload: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
            let mut file = write("name", &payload).unwrap();
            let at = at.index(file.len());
            file[at] ^= 1 << bit;
            prop_assert!(read(&file).is_err());
        }

        #[test]
        fn refuses_every_cut(payload: Vec<u8>, at: prop::sample::Index) {
            let file = write("name", &payload).unwrap();
            prop_assert!(read(&file[..at.index(file.len())]).is_err());
            prop_assert!(read(&[&file[..], b"!"].concat()).is_err());
        }

        #[test]
        fn takes_any_bytes(bytes: Vec<u8>) {
            let _ = read(&bytes);
            let _ = read(&[&MAGIC[..], &bytes].concat());
        }
    }
}
