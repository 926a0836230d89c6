//! Witnesses that hang or babble never block recording.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::witnessing::client::{Policy, WitnessClientSettings, WitnessTransport};
use server::outgoing::Outgoing;
use tests::loopback_servers::{LogKeys, Town, log_keys, until};
use tests::world::World;
use witness::keys::KeyKind;

use super::note;

/// Endless headers, then an endless body; the last connection is the one that ends this.
fn babble(listener: &TcpListener) {
    for (number, stream) in listener.incoming().flatten().enumerate() {
        let mut stream = stream;
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let head: &[u8] = if number == 0 {
            b"GARBAGE\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"
        };
        let mut sent = stream.write_all(head).is_ok();
        while sent && number > 0 {
            sent = stream.write_all(&[b'x'; 65_536]).is_ok();
        }
        if number >= 2 {
            return;
        }
    }
}

/// A policy whose quorum is the one witness of the town; the two others are at these addresses.
fn policy_with_two_bad_witnesses(
    keys: &LogKeys,
    town: &Town,
    [silent, babbling]: [SocketAddr; 2],
) -> String {
    let seed = |byte| {
        witness::keys::WitnessKey::new(
            &format!("witness.example/x{byte}"),
            KeyKind::Ed25519,
            [byte; 32],
        )
        .unwrap()
        .vkey()
    };
    format!(
        "log {}\nwitness w1 {} http://{}\nwitness silent {} http://{silent}\n\
         witness babbling {} http://{babbling}\nquorum w1\n",
        keys.0[0],
        town.witnesses[0].0,
        town.witnesses[0].1,
        seed(91),
        seed(92)
    )
}

/// S6 on the wire: a witness that accepts and is silent, and one that talks nonsense.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_hangs_or_babbles_never_blocks_recording() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let keys = log_keys(&world.operator);
    let mut town = Town::new();
    town.found(&keys, KeyKind::Ed25519, None);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let babbling = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent.local_addr().unwrap(), babbling.local_addr().unwrap()];
    let babbler = std::thread::spawn(move || babble(&babbling));
    let policy = policy_with_two_bad_witnesses(&keys, &town, addresses);
    let settings = WitnessClientSettings {
        retry: Duration::from_millis(20),
        round: Duration::from_millis(100),
        ..WitnessClientSettings::new(Policy::parse(&policy).unwrap())
    };
    town.takes_time_of(&world.operator);
    world
        .operator
        .start_witness_client(
            settings,
            Arc::new(Outgoing::new(Duration::from_millis(400))),
        )
        .unwrap();
    for number in 0..5 {
        let begin = Instant::now();
        note(&world, &format!("under way {number}")).await;
        world.operator.checkpoint().unwrap();
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "recording waits for nobody"
        );
    }
    let size = world.public_log().size();
    let status = until(&world.operator, "errors", |status| {
        status.quorum_size == Some(size) && status.witnesses[1..].iter().all(|w| w.error.is_some())
    });
    assert!(
        status.witnesses[1]
            .error
            .as_deref()
            .unwrap()
            .contains("did not answer"),
        "{status:?}"
    );
    let begin = Instant::now();
    world.operator.close().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5), "nor does closing");
    babbler.join().unwrap();
}

#[test]
fn the_way_out_takes_no_redirect_and_no_endless_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for answer in [
            "302 Found\r\nlocation: http://127.0.0.1:1/",
            "409 Conflict\r\ncontent-type: text/x.tlog.size",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4_096];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"POST /prefix/add-checkpoint HTTP/1.1"));
            stream
                .write_all(
                    format!(
                        "HTTP/1.1 {answer}\r\ncontent-length: 3\r\nconnection: close\r\n\r\n17\n"
                    )
                    .as_bytes(),
                )
                .unwrap();
        }
    });
    let out = Outgoing::new(Duration::from_secs(5));
    let ask = || {
        out.add_checkpoint(&format!("http://{address}/prefix/"), "old 0\n", 7)
            .unwrap()
    };
    assert_eq!(ask().status, 302);
    let conflict = ask();
    assert_eq!((conflict.status, conflict.body.as_str()), (409, "17\n"));
    server.join().unwrap();
    assert!(
        out.add_checkpoint(&format!("http://{address}"), "old 0\n", 7)
            .is_err(),
        "nobody is there"
    );
}
