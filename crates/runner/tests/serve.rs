//! Reports over HTTP: what is served, to whom, and what happens while a sweep runs. Over a real socket.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{LONG, Place, SMALL, wait_for};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

/// The program while it serves, ended when this goes.
struct Server(Child, u16);

impl Server {
    fn start(place: &Place, words: &str) -> Self {
        let mut child = place.command(words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).map(|p| p.parse().unwrap());
        Server(child, port.unwrap_or_else(|| panic!("no address: {line}")))
    }

    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.1)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A server that refuses before it has read all may close hard.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, path: &str) -> String {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.1))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn reports_are_served_and_nothing_else() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.write("secret.txt", "secret");
    place.run("sweep study.toml --out results/a/small --quiet").expect(0, &[]);
    place.run("sweep study.toml --out results/b&b --quiet").expect(0, &[]);
    let server = Server::start(&place, "serve --port 0");
    let list = server.get("/");
    assert!(list.starts_with("HTTP/1.1 200 OK\r\n"), "{list}");
    assert!(list.contains("href=\"/a/small/\"") && list.contains("href=\"/b%26b/\">b&amp;b<"), "{list}");
    assert!(list.contains("Content-Security-Policy: default-src 'none'"), "{list}");

    // What is served is the report, but for what follows the sweep.
    let page = server.get("/a/small/");
    assert!(page.contains("36 of at most 36 trials are done"), "{page}");
    let written = place.read("results/a/small/report.html");
    let (_, main) = written.split_once("<main").unwrap();
    assert!(body(&page).ends_with(main), "the rows of the journal are not those of the tables");
    assert!(server.get("/b%26b/").starts_with("HTTP/1.1 200"));
    assert!(server.get("/a/small").contains("\r\nLocation: /a/small/\r\n"));

    for path in
        ["/secret.txt", "/../secret.txt", "/a/small/../../../secret.txt", "/%2e%2e/secret.txt", "/a", "/a//small/"]
    {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"), "{path}: {answer}");
    }
}

#[test]
fn strangers_and_nonsense_are_refused() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let server = Server::start(&place, "serve results/small --port 0");
    let here = format!("Host: localhost:{}", server.1);
    let long = "x".repeat(20_000);
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\n{here}\r\n\r\n"), "200"),
        (format!("HEAD / HTTP/1.1\r\nhOST:  LOCALHOST:{} \r\n\r\n", server.1), "200"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".into(), "403"),
        (format!("GET / HTTP/1.1\r\nHost: evil.example:{}\r\n\r\n", server.1), "403"),
        (format!("GET / HTTP/1.1\r\n{here}\r\nHost: evil.example\r\n\r\n"), "403"),
        ("GET / HTTP/1.1\r\n\r\n".into(), "403"),
        (format!("POST / HTTP/1.1\r\n{here}\r\nContent-Length: 0\r\n\r\n"), "405"),
        (format!("DELETE / HTTP/1.1\r\n{here}\r\n\r\n"), "405"),
        (format!("GET /%zz HTTP/1.1\r\n{here}\r\n\r\n"), "400"),
        (format!("GET /%ff HTTP/1.1\r\n{here}\r\n\r\n"), "400"),
        (format!("GET http://evil.example/ HTTP/1.1\r\n{here}\r\n\r\n"), "400"),
        ("nonsense\r\n\r\n".into(), "400"),
        (format!("GET /{long} HTTP/1.1\r\n{here}\r\n\r\n"), "400"),
    ] {
        let answer = server.raw(&request);
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("HTTP/1.1 {status}")), "{request:.80}: {first}");
        assert_eq!(body(&answer).is_empty(), request.starts_with("HEAD"), "{request:.80}");
    }
}

#[test]
fn the_page_follows_a_sweep() {
    let place = Place::new();
    place.write("study.toml", LONG);
    let mut sweep = place.spawn("sweep study.toml --out results/long --jobs 1 --quiet");
    wait_for(|| place.path("results/long/journal.jsonl").exists() && !place.keys("results/long").is_empty());
    let server = Server::start(&place, "serve results/long --port 0");
    let done = || {
        let page = server.get("/");
        let said = page.split(" of at most 240 trials are done").next().unwrap();
        said.rsplit('>').next().unwrap().parse::<usize>().unwrap_or_else(|_| panic!("{page}"))
    };
    let (before, state) = (done(), server.get("/state"));
    assert!((1..240).contains(&before), "{before}");
    wait_for(|| server.get("/state") != state && done() > before);
    assert!(sweep.try_wait().unwrap().is_none(), "it was to be looked at while it runs");
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    let state = server.get("/state");
    assert_eq!(body(&state), body(&server.get("/state")), "nothing changes any more");
    assert!(server.get("/").contains(&format!("data-state=\"{}\"", body(&state))));
}

#[test]
fn what_cannot_be_served_is_said() {
    let place = Place::new();
    place.run("serve results/none --port 0").expect(1, &["results/none is no folder"]);
    place.run("serve --port many").expect(2, &["many", "--port"]);
    std::fs::create_dir_all(place.path("results/empty")).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    place.run(&format!("serve --port {port}")).expect(1, &[&format!("127.0.0.1:{port}"), "another --port"]);
    // A study that has not begun is a page, and no error.
    place.write("results/empty/study.toml", SMALL);
    place.write("results/empty/journal.jsonl", "");
    let server = Server::start(&place, "serve --port 0");
    let page = server.get("/empty/");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("none of at most 36 trials is done"), "{page}");
}
