import TestTiming
import Testing

@testable import OutboundHTTP

@Suite("Dialogues with proxies")
struct ProxyDialogueTests {
    private static func route(_ proxy: String, to url: String = "https://api.example:6443/") throws -> TunnelRoute {
        TunnelRoute(to: try OutboundURL(url), through: try ProxyServer(proxy, source: "test"))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// What a fresh dialogue makes of an answer; the error's sentence, where there is one.
    private static func outcome(_ answer: String, _ proxy: String = "http://p:1") throws -> String {
        var dialogue = try route(proxy).makeDialogue()
        _ = dialogue.open()
        do throws(OutboundError) {
            return "\(try dialogue.receive(Array(answer.utf8)))"
        } catch {
            #expect(error.code == .proxyRefused)
            #expect(error.message.hasPrefix("the proxy http://p:1 did not connect to api.example:6443: "))
            return error.message
        }
    }

    @Test(
        "an HTTP proxy is asked for host and port, and gets the credentials of its address",
        arguments: [
            ("http://p", "https://api.example/", "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n"),
            ("https://p", "http://[fd00::1]/x", "CONNECT [fd00::1]:80 HTTP/1.1\r\nHost: [fd00::1]:80\r\n\r\n"),
            (
                "http://user:p%40ss@p", "https://10.0.0.1:6443/",
                "CONNECT 10.0.0.1:6443 HTTP/1.1\r\nHost: 10.0.0.1:6443\r\n"
                    + "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"
            ),
        ]
    )
    func connectRequest(proxy: String, url: String, expected: String) throws {
        var dialogue = try Self.route(proxy, to: url).makeDialogue()
        #expect(Self.text(dialogue.open()) == expected)
    }

    @Test("a proxy that connects may answer with any header and in any pieces")
    func connectAnswer() throws {
        let answer = Array("HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\nVia: x\r\n\r\n".utf8)
        for cut in 0..<answer.count {
            var dialogue = try Self.route("http://p").makeDialogue()
            _ = dialogue.open()
            #expect(try dialogue.receive(Array(answer[..<cut])) == .wait)
            #expect(try dialogue.receive(Array(answer[cut...])) == .connected)
        }
    }

    @Test(
        "every other answer is a refusal in words",
        arguments: [
            ("HTTP/1.1 407 Auth\r\n\r\n", "it answered 407 Auth: it asks for credentials; give them in its address"),
            ("HTTP/1.1 403 Forbidden\r\n\r\nbody", "it answered 403 Forbidden; does it allow"),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", "it answered 502 Bad Gateway: it could not reach that server"),
            ("HTTP/1.1 204 \u{1b}[31mred\r\n\r\n", "it answered 204 ?[31mred"),
            ("HTTP/1.1 101 Switching\r\n\r\n", "it answered 101 Switching"),
            ("HTTP/1.1 200\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "it sent more than its answer"),
            ("HTTP/1.1 2000 OK\r\n\r\n", "not HTTP/1"), ("HTTP/1.1 \r\n\r\n", "not HTTP/1"),
            ("HTTP/1.1 -20 OK\r\n\r\n", "not HTTP/1"), ("HTTP/2 200\r\n\r\n", "not HTTP/1"),
            ("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP/1"), ("\u{15}\u{3}\u{1}\u{0}\u{2}", "give its address as https://"),
        ]
    )
    func connectRefusals(answer: String, words: String) throws {
        #expect(try Self.outcome(answer).contains(words))
    }

    @Test("a head that never ends is given up, whatever the size of its pieces")
    func endlessHead() throws {
        for size in [1, 1000, 20_000] {
            var dialogue = try Self.route("http://p").makeDialogue()
            _ = dialogue.open()
            _ = try dialogue.receive(Array("HTTP/1.1 200 OK\r\n".utf8))
            var sent = 0
            #expect {
                while sent < 40_000 {
                    sent += size
                    _ = try dialogue.receive(Array(repeating: UInt8(ascii: "a"), count: size))
                }
            } throws: { error in
                "\(error)".contains("longer than 16384 bytes")
            }
            #expect(sent < 40_000)
        }
    }

    @Test("credentials that were refused are not shown")
    func refusedCredentials() throws {
        let words = try Self.outcome("HTTP/1.1 407 Auth\r\n\r\n", "http://user:hunter2@p:1")
        #expect(words.contains("does not accept the user and password"))
        #expect(!words.contains("hunter2"))
    }

    @Test(
        "a SOCKS server is asked for a name or an address",
        arguments: [
            ("https://api.example:6443/", [3, 11] + Array("api.example".utf8) + [0x19, 0x2b]),
            ("https://10.0.0.1/", [1, 10, 0, 0, 1, 1, 0xbb]),
            ("https://[fd00::1]/", [4, 0xfd] + Array(repeating: 0, count: 14) + [1, 1, 0xbb]),
        ] as [(String, [UInt8])]
    )
    func socksRequest(url: String, expected: [UInt8]) throws {
        var dialogue = try Self.route("socks5://p", to: url).makeDialogue()
        #expect(dialogue.open() == [5, 1, 0])
        #expect(try dialogue.receive([5]) == .wait)
        #expect(try dialogue.receive([0]) == .send([5, 1, 0] + expected))
        for reply: [UInt8] in [
            [5, 0, 0, 1, 1, 2, 3, 4, 5, 6], [5, 0, 0, 3, 1, 97, 0, 80], [5, 0, 0, 4] + Array(repeating: 0, count: 18),
        ] {
            for cut in 1..<reply.count {
                var copy = dialogue
                #expect(try copy.receive(Array(reply[..<cut])) == .wait)
                #expect(try copy.receive(Array(reply[cut...])) == .connected)
            }
            var greedy = dialogue
            #expect(throws: OutboundError.self) { try greedy.receive(reply + [1]) }
        }
    }

    @Test(
        "a SOCKS server that refuses says why",
        arguments: [
            ([[5, 255]], "asks for credentials"), ([[4, 0]], "not SOCKS 5"), ([[72]], "not SOCKS 5"),
            ([[5, 0, 5]], "it sent more"), ([[5, 0], [5, 2]], "rules do not allow"), ([[5, 0], [5, 5]], "refused"),
            ([[5, 0], [5, 200]], "failure 200"), ([[5, 0], [5, 0, 0, 9, 0]], "malformed"),
        ] as [([[UInt8]], String)]
    )
    func socksRefusals(answers: [[UInt8]], words: String) throws {
        var dialogue = try Self.route("socks5://p").makeDialogue()
        _ = dialogue.open()
        #expect {
            for answer in answers { _ = try dialogue.receive(answer) }
        } throws: { error in
            (error as? OutboundError)?.code == .proxyRefused && "\(error)".contains(words)
        }
    }

    @Test("altered and random answers end in a step or a refusal, and never connect by chance")
    func hostile() throws {
        var random = SeededGenerator(seed: testSeed("proxy dialogues"))
        for proxy in ["http://p", "socks5://p"] {
            for _ in 0..<2000 {
                var dialogue = try Self.route(proxy).makeDialogue()
                _ = dialogue.open()
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    var answer = Array("HTTP/1.1 403 No\r\n\r\n".utf8)
                    if Bool.random(using: &random) {
                        answer = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                            .random(in: 6...255, using: &random)
                        }
                    }
                    if let index = answer.indices.randomElement(using: &random), index != 9 {
                        answer[index] = .random(in: 6...255, using: &random)
                    }
                    guard let step = try? dialogue.receive(answer) else { break }
                    #expect(step == .wait)
                }
            }
        }
    }
}
