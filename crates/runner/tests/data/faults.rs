//! Servers, lines and disks that fail.

use crate::server::{Reply, Server};
use crate::{Cache, gzip, known, sha256, words};
use downhill_problems::data::{Digest, Packing};
use runner::fetch::Got;
use std::fs;
use std::sync::{Arc, Mutex};

fn content() -> Digest {
    Digest::Content(sha256(&words()))
}

#[test]
fn a_file_is_fetched_once_checked_and_named() {
    let server = Server::new(|_| Reply::all(&gzip(&words())));
    let known = known(&[format!("{}/words.gz", server.url)], content(), Packing::Gzip);
    let cache = Cache::new();
    assert_eq!(cache.get(&known), Ok(Got::Fetched(cache.path("").components().collect())));
    assert_eq!(fs::read(cache.path("words.txt")).unwrap(), words());
    assert_eq!(cache.names(), [".lock", "SHA256SUMS", "words.txt"]);
    let sums = fs::read_to_string(cache.path("SHA256SUMS")).unwrap();
    assert_eq!(sums, format!("{}  words.txt\n", sha256(&words())));
    assert!(matches!(cache.get(&known), Ok(Got::Here(found)) if found.place == "cache"));
    assert_eq!(server.asked(), ["/words.gz"]);
    assert_eq!(known.load(&cache.fetch.places).unwrap().rows(), 3500);
}

#[test]
fn what_is_damaged_here_is_said() {
    let server = Server::new(|_| Reply::all(&words()));
    let cache = Cache::new();
    for (digest, expected) in [(content(), sha256(&words())), (Digest::FirstUse, sha256(&words()))] {
        let known = known(&[format!("{}/w", server.url)], digest, Packing::Plain);
        cache.get(&known).unwrap();
        fs::write(cache.path("words.txt"), "other").unwrap();
        let error = cache.get(&known).unwrap_err();
        for word in ["is here, but damaged", sha256(b"other"), expected, "remove the file"] {
            assert!(error.contains(word), "{error}");
        }
        fs::remove_file(cache.path("words.txt")).unwrap();
    }
}

#[test]
fn a_cut_line_is_gone_on_from() {
    let server =
        Server::new(|request| Reply::rest(&words(), request).cut(if request.before < 2 { 40_000 } else { usize::MAX }));
    let cache = Cache::new();
    cache.get(&known(&[format!("{}/w", server.url)], content(), Packing::Plain)).unwrap();
    assert_eq!(server.asked(), ["/w", "/w from 40000", "/w from 80000"]);
    assert_eq!(fs::read(cache.path("words.txt")).unwrap(), words());
}

#[test]
fn a_server_without_ranges_is_asked_for_all_again() {
    let server = Server::new(|request| Reply::all(&words()).cut(if request.before == 0 { 40_000 } else { usize::MAX }));
    let cache = Cache::new();
    cache.get(&known(&[format!("{}/w", server.url)], content(), Packing::Plain)).unwrap();
    assert_eq!(server.asked(), ["/w", "/w from 40000"]);
    assert_eq!(fs::read(cache.path("words.txt")).unwrap(), words());
}

#[test]
fn the_next_run_goes_on_where_the_last_one_ended() {
    let patience = Arc::new(Mutex::new(3));
    let left = patience.clone();
    let server = Server::new(move |request| {
        let cut = if *left.lock().unwrap() > request.before { 10_000 } else { usize::MAX };
        Reply::rest(&words(), request).cut(cut)
    });
    let known = known(&[format!("{}/w", server.url)], content(), Packing::Plain);
    let cache = Cache::new();
    cache.refuses(&known, &["cannot fetch `words`", &server.url, "cut after 30000", "is kept; try again", "--mirror"]);
    assert!(cache.names().iter().any(|name| name.ends_with(".part")));
    cache.get(&known).unwrap();
    assert_eq!(server.asked()[3..], ["/w from 30000"]);
    assert_eq!(fs::read(cache.path("words.txt")).unwrap(), words());
    assert_eq!(cache.names(), [".lock", "SHA256SUMS", "words.txt"]);
}

/// Two answers are not put together where no digest would tell that they do not fit.
#[test]
fn what_nobody_vouches_for_comes_in_one_piece() {
    let server =
        Server::new(|request| Reply::rest(&words(), request).cut(if request.before == 0 { 9 } else { usize::MAX }));
    let cache = Cache::new();
    cache.get(&known(&[format!("{}/w", server.url)], Digest::FirstUse, Packing::Plain)).unwrap();
    assert_eq!(server.asked(), ["/w", "/w"]);
}

#[test]
fn a_part_that_does_not_fit_is_thrown_away() {
    let server = Server::new(|request| Reply::rest(&words(), request));
    let known = known(&[format!("{}/w", server.url)], content(), Packing::Plain);
    let cache = Cache::new();
    let part = format!("words.txt.{}.part", &sha256(format!("{}/w", server.url).as_bytes())[..8]);
    fs::create_dir_all(cache.path("")).unwrap();
    // Longer than the file: the server has nothing to add. Then as long, but other bytes.
    fs::write(cache.path(&part), vec![b'x'; words().len() + 1]).unwrap();
    cache.get(&known).unwrap();
    assert_eq!(server.asked(), [format!("/w from {}", words().len() + 1), "/w".to_owned()]);
    fs::remove_file(cache.path("words.txt")).unwrap();
    fs::write(cache.path(&part), vec![b'x'; 1000]).unwrap();
    cache.refuses(&known, &["not the right file"]);
    cache.get(&known).unwrap();
}

#[test]
fn a_wrong_checksum_is_never_named() {
    let packed = || gzip(&words());
    for (digest, expected, packing) in [
        (content(), sha256(&words()), Packing::Gzip),
        (Digest::Download(sha256(&packed())), sha256(&packed()), Packing::Gzip),
        (content(), sha256(&words()), Packing::Plain),
    ] {
        let (wrong, found) = match packing {
            Packing::Plain => (b"other".to_vec(), sha256(b"other")),
            _ => (
                gzip(b"other"),
                if matches!(digest, Digest::Content(_)) { sha256(b"other") } else { sha256(&gzip(b"other")) },
            ),
        };
        let right = if packing == Packing::Plain { words() } else { packed() };
        let server = Server::new(move |request| Reply::all(if request.path == "/right" { &right } else { &wrong }));
        let at = |path: &str| format!("{}/{path}", server.url);
        let cache = Cache::new();
        cache.refuses(&known(&[at("a"), at("b")], digest, packing), &[&at("a"), &at("b"), found, expected]);
        assert!(cache.names().iter().all(|name| !name.contains("words")), "{:?}", cache.names());
        // The next address has it.
        cache.get(&known(&[at("a"), at("right")], digest, packing)).unwrap();
        assert_eq!(fs::read(cache.path("words.txt")).unwrap(), words());
    }
}

#[test]
fn the_first_use_is_remembered() {
    let server = Server::new(|request| Reply::all(if request.before == 1 { b"0\tother\n" } else { b"0\tfirst\n" }));
    let known = known(&[format!("{}/w", server.url)], Digest::FirstUse, Packing::Plain);
    let cache = Cache::new();
    cache.get(&known).unwrap();
    fs::remove_file(cache.path("words.txt")).unwrap();
    cache.refuses(&known, &["not what it was at first", "SHA256SUMS", sha256(b"0\tfirst\n"), sha256(b"0\tother\n")]);
    cache.get(&known).unwrap();
    assert_eq!(fs::read(cache.path("words.txt")).unwrap(), b"0\tfirst\n");
}

#[test]
fn redirections_are_followed_but_not_for_ever() {
    let server = Server::new(|request| match request.path.as_str() {
        "/a" => Reply::to("/b"),
        "/b" => Reply::all(&words()),
        "/ping" => Reply::to("/pong"),
        _ => Reply::to("/ping"),
    });
    let at = |path: &str| format!("{}/{path}", server.url);
    let cache = Cache::new();
    cache
        .refuses(&known(&[at("ping")], content(), Packing::Plain), &["/ping", "redirected more than 10 times: a loop"]);
    assert!(server.asked().len() <= 12, "{:?}", server.asked());
    cache.get(&known(&[at("ping"), at("a")], content(), Packing::Plain)).unwrap();
}

#[test]
fn servers_that_refuse_are_named_with_their_answers() {
    let server = Server::new(|request| match request.path.as_str() {
        "/gone" => Reply::status("404 Not Found"),
        "/busy" if request.before == 1 => Reply::all(&words()),
        _ => Reply::status("503 Service Unavailable"),
    });
    let at = |path: &str| format!("{}/{path}", server.url);
    let cache = Cache::new();
    let nobody = "http://127.0.0.1:9/w".to_owned();
    let all = [at("gone"), at("down"), nobody.clone()];
    cache.refuses(
        &known(&all, content(), Packing::Plain),
        &[&at("gone"), "404", &at("down"), "503", &nobody, "refused"],
    );
    // What is gone is asked for once, who is busy three times.
    assert_eq!(server.asked(), ["/gone", "/down", "/down", "/down"]);
    cache.get(&known(&[at("busy")], content(), Packing::Plain)).unwrap();
}

#[test]
fn an_answer_without_end_is_given_up() {
    let server = Server::new(|request| {
        let body = vec![0; 3_000_000];
        let headers = if request.path == "/said" { "Content-Length: 900000000000\r\n" } else { "" };
        Reply { headers: headers.into(), ..Reply::all(&body) }
    });
    let at = |path: &str| format!("{}/{path}", server.url);
    let cache = Cache::new();
    cache.refuses(
        &known(&[at("said"), at("silent")], content(), Packing::Plain),
        &["/said: more than 1 MB", "/silent: more than 1 MB"],
    );
    assert_eq!(cache.names(), [".lock"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_all() {
    let server = Server::new(|_| Reply::all(&words()));
    let at = |path: &str| format!("{}/{path}", server.url);
    let known = known(&[at("w"), at("other")], content(), Packing::Plain);
    for full in [
        format!("words.txt.{}.part", &sha256(at("w").as_bytes())[..8]),
        "words.txt.new".into(),
        "SHA256SUMS.new".into(),
    ] {
        let cache = Cache::new();
        fs::create_dir_all(cache.path("")).unwrap();
        // A device on which nothing has space.
        std::os::unix::fs::symlink("/dev/full", cache.path(&full)).unwrap();
        let error = cache.get(&known).unwrap_err();
        assert!(error.contains("No space left") && error.contains(full.trim_end_matches(".new")), "{error}");
        assert!(!cache.path("words.txt").exists());
        fs::remove_file(cache.path(&full)).unwrap();
        cache.get(&known).unwrap();
    }
    assert!(server.asked().iter().all(|path| path.starts_with("/w")), "another address does not help a full disk");
}

#[test]
fn two_at_once_fetch_once() {
    let server = Server::new(|_| {
        std::thread::sleep(std::time::Duration::from_millis(300));
        Reply::all(&words())
    });
    let known = known(&[format!("{}/w", server.url)], content(), Packing::Plain);
    let cache = Cache::new();
    std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| cache.get(&known).unwrap()));
        let fetched = both.map(|one| one.join().unwrap()).iter().filter(|got| matches!(got, Got::Fetched(_))).count();
        assert_eq!(fetched, 1);
    });
    assert_eq!(server.asked(), ["/w"]);
}

#[test]
fn offline_connects_to_nothing() {
    let server = Server::new(|_| Reply::all(&words()));
    let known = known(&[format!("{}/w", server.url)], content(), Packing::Plain);
    let mut cache = Cache::new();
    cache.fetch.offline = true;
    cache.refuses(&known, &["`downhill data get words`", "--offline"]);
    cache.fetch.places.cache = None;
    cache.fetch.offline = false;
    assert!(cache.get(&known).unwrap_err().contains("--data-dir"));
    assert!(server.asked().is_empty() && cache.names().is_empty());
}
