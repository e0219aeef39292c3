use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn as_packed(packing: Packing) -> SourceFile {
    SourceFile { packing, ..csv() }
}

#[test]
fn gzip_of_several_members_and_zstd_frames_read_to_the_end() {
    let members = [gzip(b"a,b\n1,"), gzip(b"2\n3,4\n")].concat();
    let frames = [
        zstd::encode_all(&b"a,b\n1,"[..], 0).unwrap(),
        zstd::encode_all(&b"2\n3,4\n"[..], 0).unwrap(),
    ]
    .concat();
    for (bytes, packing) in [(members, Packing::Gzip), (frames, Packing::Zstd)] {
        let told = read(&bytes, &as_packed(packing)).unwrap();
        assert_eq!(told.rows, [["2", "1", "2"], ["3", "3", "4"]]);
    }
}

#[test]
fn an_archive_that_is_cut_off_or_damaged_fails_as_a_whole() {
    let mut text = "a,b\n".to_owned();
    for number in 0..200_000u64 {
        text.push_str(&format!(
            "{number},{}\n",
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ));
    }
    let whole = [
        (gzip(text.as_bytes()), Packing::Gzip),
        (zstd::encode_all(text.as_bytes(), 0).unwrap(), Packing::Zstd),
    ];
    for (bytes, packing) in whole {
        assert_eq!(
            read(&bytes, &as_packed(packing)).unwrap().rows.len(),
            200_000
        );
        for cut in [bytes.len() - 1, bytes.len() / 2, 20] {
            let problem = read(&bytes[..cut], &as_packed(packing)).unwrap_err();
            assert_eq!(problem.code(), "AM0502", "{cut}");
            assert!(problem.message().contains("cut off"), "{problem}");
        }
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        assert_eq!(
            read(&damaged, &as_packed(packing)).unwrap_err().code(),
            "AM0502"
        );
    }
}

#[test]
fn a_file_packed_otherwise_than_declared_says_so() {
    let code = |bytes: &[u8], packing| read(bytes, &as_packed(packing)).unwrap_err().code();
    assert_eq!(code(&gzip(b"a\n1\n"), Packing::None), "AM0502");
    assert_eq!(code(b"a\n1\n", Packing::Gzip), "AM0502");
    assert_eq!(code(b"a\n1\n", Packing::Zstd), "AM0502");
    assert_eq!(
        read_path(&folder().path().join("no"), &csv())
            .unwrap_err()
            .code(),
        "AM0501"
    );
}
