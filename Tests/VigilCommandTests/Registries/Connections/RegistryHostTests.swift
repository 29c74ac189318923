import JSONModel
import Testing

@testable import VigilCommand

@Suite("What is particular about a registry") struct RegistryHostTests {
    @Test(
        "texts and groups mean the same",
        arguments: [
            ("r.example:5000;plainHTTP=true", #"{"host": "r.example:5000", "plainHTTP": true}"#),
            ("r.example;ca=/a/ca.crt", #"{"host": "r.example", "ca": "/a/ca.crt"}"#),
            (
                "r.example;ca=/ca=1;clientCertificate=/c.crt;clientKey=/c.key;proxy=http://p.example:3128",
                #"""
                {"host": "r.example", "clientKey": "/c.key", "proxy": "http://p.example:3128", "ca": "/ca=1",
                 "clientCertificate": "/c.crt", "plainHTTP": false}
                """#
            ),
            ("r.example;plainHTTP=true;proxy=direct", #"{"host": "r.example", "plainHTTP": true, "proxy": "direct"}"#),
            (
                "r.example:5050;tokenService=gitlab.r.example",
                #"{"host": "r.example:5050", "tokenService": "gitlab.r.example"}"#
            ),
            ("[::1]:5000;proxy=socks5://[::2]:1080", #"{"host": "[::1]:5000", "proxy": "socks5://[::2]"}"#),
        ]
    )
    func forms(_ text: String, _ group: String) throws {
        let members = try #require(try JSONParser().parse(Array(group.utf8)).object)
        let read = try RegistryHost(members)
        #expect(read.description == text)
        #expect(try RegistryHost(text) == read)
    }

    @Test(
        "what cannot be used is refused with what is wrong, and the password of a proxy is not shown",
        arguments: [
            (#"{"ca": "/ca"}"#, "without a host"), (#"{"host": 1, "ca": "/ca"}"#, "without a host"),
            (#"{"host": "https://r.example", "ca": "/ca"}"#, "no registry's host"),
            (#"{"host": "r.example/team", "ca": "/ca"}"#, "no registry's host"),
            (#"{"host": "r.example"}"#, "says nothing of it"),
            (#"{"host": "r.example", "plainHTTP": false}"#, "says nothing of it"),
            (
                #"{"host": "r.example", "caFile": "/ca"}"#,
                #"with "caFile", which is nothing that can be said of it"#
            ), (#"{"host": "r.example", "cs": {}, "ca": "/ca"}"#, "(did you mean ca?); allowed here: host, ca, client"),
            (#"{"host": "r.example", "ca": ["/ca"]}"#, "whose ca is not text"),
            (#"{"host": "r.example", "ca": ""}"#, "whose ca is empty"),
            (#"{"host": "r.example", "ca": "/a;proxy=x"}"#, "has a semicolon"),
            (#"{"host": "r.example", "plainHTTP": "true"}"#, "plainHTTP is not true or false"),
            (#"{"host": "r.example", "clientKey": "/k"}"#, "one of clientCertificate and clientKey"),
            (#"{"host": "r.example", "clientCertificate": "/c"}"#, "one of clientCertificate and clientKey"),
            (#"{"host": "r.example", "plainHTTP": true, "ca": "/ca"}"#, "certificates, which need TLS"),
            (#"{"host": "r.example", "proxy": "ftp://p.example"}"#, "only http://, https:// and socks5://"),
            (#"{"host": "r.example", "proxy": "http://u:hunter2@p.example"}"#, "a user or a password"),
            (#"{"host": "r.example", "proxy": "ftp://u:hunter2@p.example"}"#, "only http://"),
            (#"{"host": "r.example", "tokenService": "https://gitlab.example"}"#, "no host such as"),
            (#"{"host": "r.example", "tokenService": "gitlab.example:8443"}"#, "neither scheme nor port"),
            (#"{"host": "r.example", "tokenService": "gitlab.example/jwt"}"#, "no host such as"),
            (#"{"host": "r.example", "tokenService": "u:hunter2@gitlab.example"}"#, "no host such as"),
            (#"{"host": "r.example", "tokenService": "gitlab example"}"#, "no host such as"),
            (#"{"host": "http://u:hunter2@p.example", "proxy": "direct"}"#, "something with @"),
            (#"{"host": "r.example", "http://u:hunter2@p.example": "x"}"#, "something with @"),
        ]
    )
    func refused(_ group: String, _ words: String) throws {
        let members = try #require(try JSONParser().parse(Array(group.utf8)).object)
        #expect {
            _ = try RegistryHost(members)
        } throws: { error in
            let message = (error as? SettingDefect)?.message ?? ""
            #expect(!message.contains("hunter2"), "\(message)")
            return message.contains(words)
        }
    }

    @Test(
        "texts that cannot be read are refused",
        arguments: [
            ("", "no registry's host"), ("r.example", "says nothing"), ("r.example;ca", "no NAME=VALUE"),
            ("r.example;ca=/a;ca=/b", "says \"ca\" twice"), ("r.example;plainHTTP=yes", "neither true nor false"),
            ("r.example;;ca=/a", "no NAME=VALUE"), ("r.example;proxy=http://u:hunter2@p", "a user or a password"),
        ]
    )
    func texts(_ text: String, _ words: String) {
        #expect {
            _ = try RegistryHost(text)
        } throws: { error in
            let message = (error as? SettingDefect)?.message ?? ""
            #expect(!message.contains("hunter2"), "\(message)")
            return message.contains(words)
        }
    }
}
