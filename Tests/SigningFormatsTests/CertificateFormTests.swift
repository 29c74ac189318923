import SigningFormats
import SigningTestKit
import Testing

@Suite("What certificates say of names, policies and places")
struct CertificateFormTests {
    private func error(_ change: (inout CertificateRecipe) -> Void) throws -> SigningFormatError? {
        var recipe = CertificateRecipe.leaf()
        change(&recipe)
        let der = try recipe.issue(.shared(.p256)).der
        do throws(SigningFormatError) {
            _ = try X509Certificate(der: der)
            return nil
        } catch {
            return error
        }
    }

    /// The code with which a certificate is refused; `nil` when it is read.
    private func code(_ change: (inout CertificateRecipe) -> Void) throws -> SigningFormatError.Code? {
        try error(change)?.code
    }

    /// The code with which an extension is refused; the same bytes in one of an unknown type never are.
    private func code(_ type: String, _ value: [UInt8]) throws -> SigningFormatError.Code? {
        #expect(try code { $0.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: false, value: value)] } == nil)
        return try code { $0.extensions = [.init(type, isCritical: false, value: value)] }
    }

    /// Name constraints that permit one name.
    private static func permitted(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.tagged(0, subtree(tag, bytes)))
    }

    private static func subtree(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.element(tag, bytes))
    }

    private static let mail: UInt8 = 0x81
    private static let host: UInt8 = 0x82
    private static let uri: UInt8 = 0x86
    private static let address: UInt8 = 0x87

    // MARK: Name constraints

    @Test(
        "A domain may constrain hosts, mail and URIs, with a dot before it too",
        arguments: [
            "", "a", ".a", "a.example", ".a.example", "a_b.example", "*.example", "-a", "a:80", "http://a", "[::1]",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 200) + "a",
        ]
    )
    func goodDomains(text: String) throws {
        for tag in [Self.mail, Self.host, Self.uri] {
            #expect(try code("2.5.29.30", Self.permitted(tag, Array(text.utf8))) == nil)
        }
    }

    @Test(
        "What is no domain constrains nothing",
        arguments: [".", "..", "..a", "a.", ".a.", "a..b", "a b", " a", "a\u{7F}", "a\u{1F}", "a\u{0}", "é", "a.é"]
    )
    func badDomains(text: String) throws {
        for tag in [Self.mail, Self.host, Self.uri] {
            #expect(try code("2.5.29.30", Self.permitted(tag, Array(text.utf8))) == .certificate)
        }
    }

    @Test(
        "One mailbox may constrain mail",
        arguments: [
            "a@b", "a@b.example", "a.b@c", "a@", "a@b@c", #""a b"@c"#, #""a@b"@c"#, #""a\"b"@c"#, #""\\"@c"#, "\"\"@c",
            "\"\u{1}\u{B}\u{C}\u{E}\u{7F}\"@c", "\"a\\\tb\"@c", #"a\@b@c"#, #"a\ b@c"#, "a\\\n@c",
            "!#$%&'*+-/=?^_`{|}~.x9Z@c", "a@[1.2.3.4]",
        ]
    )
    func goodMailboxes(text: String) throws {
        #expect(try code("2.5.29.30", Self.permitted(Self.mail, Array(text.utf8))) == nil)
    }

    @Test(
        "What has an @ and is no mailbox constrains nothing",
        arguments: [
            "@", "@a", ".a@b", "a.@b", "a..b@c", #"\.a@b"#, #"\@b"#, "a b@c", "a(b)@c", "a<b>@c", "a,b@c", "a:b@c",
            "a[@b", "a\u{7F}@b", "a\t@b", "a@b.", "a@.b", "a@b..c", "a@b c", #""a@c"#, #""a"b@c"#, #""a\"@c"#,
            "\"\u{0}\"@c", "\"a\tb\"@c", "\"\n\"@c", "\"\\\n\"@c", "\"\\\u{0}\"@c", "\"\r\"@c", "é@b", #"a\é@c"#,
        ]
    )
    func badMailboxes(text: String) throws {
        #expect(try code("2.5.29.30", Self.permitted(Self.mail, Array(text.utf8))) == .certificate)
    }

    @Test(
        "No IP address constrains URIs, though it may constrain hosts",
        arguments: [
            "1.2.3.4", "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "ABCD::ef", "::0000",
            "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6::8", "::ffff:1.2.3.4", "1::1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5::1.2.3.4",
        ]
    )
    func addresses(text: String) throws {
        #expect(try code("2.5.29.30", Self.permitted(Self.uri, Array(text.utf8))) == .certificate)
        #expect(try code("2.5.29.30", Self.permitted(Self.host, Array(text.utf8))) == nil)
    }

    @Test(
        "What only resembles an IP address may constrain URIs",
        arguments: [
            "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.x", ".1.2.3.4", "1.2.3.4:1", "1:2", ":::", ":1::",
            "::1:", "1::2::3", "12345::", "::00000", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "1.2.3.4::", "::1.2.3",
            "::256.2.3.4", "::01.2.3.4", "fe80::1%eth0",
        ]
    )
    func noAddresses(text: String) throws {
        #expect(try code("2.5.29.30", Self.permitted(Self.uri, Array(text.utf8))) == nil)
    }

    @Test("A range of IP addresses has an address and a mask of its length, ones before zeros")
    func ranges() throws {
        func code(_ bytes: [UInt8]) throws -> SigningFormatError.Code? {
            try self.code("2.5.29.30", Self.permitted(Self.address, bytes))
        }
        for count in 0...40 where count != 8 && count != 32 {
            #expect(try code([UInt8](repeating: 0, count: count)) == .certificate, "\(count)")
        }
        let network: [UInt8] = [10, 1, 2, 3]
        for mask: [UInt8] in [
            [0, 0, 0, 0], [0x80, 0, 0, 0], [0xFF, 0xFE, 0, 0], [0xFF, 0xFF, 0xFF, 0], [0xFF, 0xFF, 0xFF, 0xFF],
        ] {
            #expect(try code(network + mask) == nil, "\(mask)")
        }
        for mask: [UInt8] in [
            [0, 0, 0, 1], [0x7F, 0, 0, 0], [0xFD, 0, 0, 0], [0xFF, 0, 0xFF, 0], [0xFF, 0xF0, 0x80, 0],
            [0xFF, 0xFF, 0xFF, 1],
        ] {
            #expect(try code(network + mask) == .certificate, "\(mask)")
        }
        let long = [UInt8](repeating: 0, count: 16)
        #expect(try code(long + [UInt8](repeating: 0xFF, count: 16)) == nil)
        #expect(try code(long + [UInt8](repeating: 0xFF, count: 8) + [0] + [UInt8](repeating: 0xFF, count: 7)) != nil)
    }

    @Test("Names are permitted, or not, or both, one list of each in this order, and the lists are not all empty")
    func lists() throws {
        let name = Self.subtree(Self.host, [0x61])
        let permitted = DERWriter.tagged(0, name)
        let excluded = DERWriter.tagged(1, name)
        func code(_ parts: [UInt8]...) throws -> SigningFormatError.Code? {
            try self.code("2.5.29.30", DERWriter.sequence(parts.flatMap { $0 }))
        }
        #expect(try code(permitted) == nil)
        #expect(try code(excluded) == nil)
        #expect(try code(permitted, excluded) == nil)
        #expect(try code(DERWriter.tagged(0, []), excluded) == nil)
        #expect(try code(permitted, DERWriter.tagged(1, [])) == nil)
        #expect(try code() == .certificate)
        #expect(try code(DERWriter.tagged(0, [])) == .certificate)
        #expect(try code(DERWriter.tagged(0, []), DERWriter.tagged(1, [])) == .certificate)
        #expect(try code(excluded, permitted) == .certificate)
        #expect(try code(permitted, permitted) == .certificate)
        #expect(try code(permitted, DERWriter.null) == .certificate)
        #expect(try code(permitted, DERWriter.tagged(2, name)) == .certificate)
        #expect(try code(DERWriter.element(0x80, name)) == .certificate)
        #expect(try self.code("2.5.29.30", DERWriter.sequence(permitted) + DERWriter.null) == .certificate)
    }

    @Test("A constraint is a sequence that begins with a name, and names of other kinds are not read")
    func subtrees() throws {
        func code(_ subtrees: [UInt8]) throws -> SigningFormatError.Code? {
            try self.code("2.5.29.30", DERWriter.sequence(DERWriter.tagged(0, subtrees)))
        }
        let good = Self.subtree(Self.host, [0x61])
        let minimum = DERWriter.element(0x80, [0])
        #expect(try code(DERWriter.sequence(DERWriter.element(Self.host, [0x61]), minimum)) == nil)
        #expect(try code(good + Self.subtree(0xA4, DERWriter.sequence())) == nil)
        #expect(try code(Self.subtree(0xA0, DERWriter.objectIdentifier("1.2.3"))) == nil)
        #expect(try code(Self.subtree(0xA2, DERWriter.null)) == nil)
        #expect(try code(Self.subtree(0x05, [])) == nil)
        #expect(try code(good + Self.subtree(Self.host, Array("a.".utf8))) == .certificate)
        #expect(try code(DERWriter.element(Self.host, [0x61])) == .certificate)
        #expect(try code(DERWriter.set(DERWriter.element(Self.host, [0x61]))) == .certificate)
        #expect(try code(DERWriter.element(0x10, DERWriter.element(Self.host, [0x61]))) == .certificate)
        #expect(try code(DERWriter.sequence()) == .certificate)
        // A tag in two bytes.
        #expect(try code(DERWriter.sequence([0x9F, 0x1F, 0x01, 0x61])) == .certificate)
        let excluded = DERWriter.sequence(
            DERWriter.tagged(0, good),
            DERWriter.tagged(1, Self.subtree(Self.host, Array(" ".utf8)))
        )
        #expect(try self.code("2.5.29.30", excluded) == .certificate)
    }

    // MARK: Policies

    @Test(
        "Constraints of policies are numbers of at most 64 bits in their shortest form",
        arguments: [
            (true, [0x80, 1, 0]), (true, [0x81, 1, 0]), (true, [0x80, 1, 0, 0x81, 1, 1]), (true, []),
            (true, [0x80, 8, 0x7F, 255, 255, 255, 255, 255, 255, 255]), (true, [0x80, 1, 0xFF]),
            // What comes in another order, or is something else, is not read.
            (true, [0x81, 1, 0, 0x80, 0]), (true, [0x82, 0]), (true, [0xA0, 3, 2, 1, 0]), (true, [2, 1, 0]),
            (true, [5, 0, 0x80, 0]), (false, [0x80, 0]), (false, [0x81, 0]), (false, [0x80, 1, 0, 0x81, 0]),
            (false, [0x80, 2, 0, 1]), (false, [0x81, 2, 0xFF, 0xFF]),
            (false, [0x80, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
            (false, [0x81, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), (false, [0x80, 2, 0]), (false, [0x80, 0x81, 1, 0]),
        ] as [(Bool, [UInt8])]
    )
    func policyConstraints(isGood: Bool, content: [UInt8]) throws {
        #expect(try code("2.5.29.36", DERWriter.sequence(content)) == (isGood ? nil : .certificate))
    }

    @Test(
        "The inhibition of any policy is such a number too",
        arguments: [
            (true, [2, 1, 0]), (true, [2, 1, 0xFF]), (true, [2, 8, 0x7F, 255, 255, 255, 255, 255, 255, 255]),
            (true, [2, 8, 0x80, 0, 0, 0, 0, 0, 0, 0]), (false, []), (false, [2, 0]), (false, [2, 2, 0, 1]),
            (false, [2, 9, 0, 128, 0, 0, 0, 0, 0, 0, 0]), (false, [2, 9, 255, 127, 0, 0, 0, 0, 0, 0, 0]),
            (false, [5, 0]), (false, [0x0A, 1, 0]), (false, [0x30, 3, 2, 1, 0]), (false, [2, 2, 0]),
        ] as [(Bool, [UInt8])]
    )
    func inhibition(isGood: Bool, value: [UInt8]) throws {
        #expect(try code("2.5.29.54", value) == (isGood ? nil : .certificate))
    }

    @Test("Constraints and mappings of policies are sequences", arguments: ["2.5.29.33", "2.5.29.36"])
    func policySequences(type: String) throws {
        #expect(try code(type, DERWriter.sequence()) == nil)
        for value in [DERWriter.null, DERWriter.set(), [], [0xFF], [0x10, 0x00], [0x30, 0x02, 0x30]] as [[UInt8]] {
            #expect(try code(type, value) == .certificate, "\(value)")
        }
    }

    @Test("A mapping is of one policy to another")
    func policyMappings() throws {
        let first = DERWriter.objectIdentifier("1.2.3")
        let second = DERWriter.objectIdentifier("1.2.4")
        let good = DERWriter.sequence(first, second)
        func code(_ mappings: [UInt8]...) throws -> SigningFormatError.Code? {
            try self.code("2.5.29.33", DERWriter.sequence(mappings.flatMap { $0 }))
        }
        #expect(try code(good) == nil)
        #expect(try code(good, good) == nil)
        #expect(try code(DERWriter.sequence(first, second, first)) == nil)
        #expect(try code(DERWriter.sequence()) == .certificate)
        #expect(try code(DERWriter.sequence(first)) == .certificate)
        #expect(try code(DERWriter.set(first, second)) == .certificate)
        #expect(try code(DERWriter.sequence(DERWriter.integer(1), second)) == .certificate)
        #expect(try code(good, DERWriter.sequence(first, DERWriter.null)) == .certificate)
        #expect(try code(first, second) == .certificate)
    }

    @Test(
        "The numbers of a policy's identifier end, and begin with no empty byte",
        arguments: [
            (true, [0x2A, 0x03]), (true, [0x2A, 0x81, 0x80, 0x01]), (true, [0x2A, 0x8F, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
            (false, []), (false, [0x2A, 0x80, 0x01]), (false, [0x80, 0x01]), (false, [0x2A, 0x83]),
            (false, [0x2A, 0x03, 0x80]),
        ] as [(Bool, [UInt8])]
    )
    func policyIdentifiers(isGood: Bool, identifier: [UInt8]) throws {
        let policies = DERWriter.sequence(DERWriter.sequence(DERWriter.element(0x06, identifier)))
        #expect(try code("2.5.29.32", policies) == (isGood ? nil : .certificate))
    }

    // MARK: Alternative names

    @Test(
        "URIs of every kind, and references to them, are alternative names",
        arguments: [
            "", "*", "?", "#", "a/b", "/a/b", "//a.b/c", "///a", "////a..b", "1a/b:c", "urn:uuid:1", "tel:+1",
            "x+-.1:y",
            "mailto:a@b", "mailto:%zz", "http:", "http:/a", "http://", "spiffe://trust.example/ns/a", "http:a b%",
            "https://user:pw@a.example:8443/p%20q?x=y&%zz#f%20", "http://u%20@a", "http://u@v@a", "http://@a",
            "http://a/b c", "http://a,b;c=d&e$f!g(h)*i+j~k_l-m'n/", "http://a\"<>b", "http://a]b", "http://a%25b/",
            "http://:80", "http://a:", "http://a.:80", "http://1.2.3.4:1", "ldap://[2001:db8::7]/c=GB?o?one",
            "http://[::1]:80/x", "http://[::1]:", "http://[::ffff:1.2.3.4]/", "http://[fe80::1%25eth0]/",
            "http://[::1%25.]", "http://[::1%25%41%25]", "http://a/?[]{}|\\^`", "a#\u{1} \"", "http://a/{}|\\^`\"<>",
        ]
    )
    func goodURIs(text: String) throws {
        #expect(try code("2.5.29.17", DERWriter.sequence(DERWriter.element(Self.uri, Array(text.utf8)))) == nil)
    }

    @Test(
        "What is no URI is no alternative name",
        arguments: [
            ":", ":a", "1a:b", "a b:c", "%41:b", "http://a/é", "#é", "a\u{0}", "a\u{1F}", "http://a/\u{7F}", "http:\n",
            "a%", "a%4", "a%zz", "/%4g", "http://a/%", "http://a/#%4", "#%zz", "//a..b/c", "http://a..b/", "http://a./",
            "http://.a/", "http://a.", "http://a b/", "http://a{b}", "http://a\\b", "http://a^b", "http://a|b",
            "http://a`b", "http://a%c3%a9/", "http://a%41/", "http://a%2e/", "http://a%", "http://a:b", "http://a:1:2x",
            "http://a:-1", "http://u[@a", "http://u%zz@a", "http://u\"@a", "http://u @a", "http://u^@a", "http://[",
            "http://[]", "http://[::1", "http://[::1]x", "http://[::1]:x", "http://a[::1]", "http://[a]",
            "http://[1.2.3.4]", "http://[1:2]", "http://[:::]", "http://[[::1]]", "http://[::1%25]", "http://[::1%eth]",
            "http://[::1%25a..b]", "http://[::1%25a%2e%2eb]", "http://[::1%25a%20b]", "http://[::1%25%2f]",
            "http://[::1%25%c3]", "http://[::1%25{]", "http://[%3a%3a1]",
        ]
    )
    func badURIs(text: String) throws {
        let value = DERWriter.sequence(DERWriter.element(Self.uri, Array(text.utf8)))
        #expect(try code("2.5.29.17", value) == .certificate)
    }

    @Test("Other parts of an alternative name are not read, but its tag is one byte")
    func otherNames() throws {
        for name in [[0xA6, 0x00], [0x46, 0x01, 0x80], [0x06, 0x01, 0x80], [0x9E, 0x01, 0x80]] as [[UInt8]] {
            #expect(try code("2.5.29.17", DERWriter.sequence(name)) == nil, "\(name)")
        }
        for name in [[0x9F, 0x1F, 0x00], [0xBF, 0x22, 0x00], [0x1F, 0x1F, 0x00]] as [[UInt8]] {
            #expect(try code("2.5.29.17", DERWriter.sequence(name)) == .certificate, "\(name)")
        }
    }

    // MARK: Places and purposes

    @Test("A distribution point does not begin with half a name")
    func distributionPoints() throws {
        func code(_ fields: [UInt8]...) throws -> SigningFormatError.Code? {
            try self.code("2.5.29.31", DERWriter.sequence(DERWriter.sequence(fields.flatMap { $0 })))
        }
        let whole = DERWriter.tagged(0, DERWriter.tagged(0, DERWriter.element(Self.uri, Array("http://a".utf8))))
        let relative = DERWriter.tagged(0, DERWriter.tagged(1, DERWriter.sequence()))
        let reasons = DERWriter.element(0x81, [0x06, 0x40])
        #expect(try code(whole) == nil)
        #expect(try code(DERWriter.tagged(0, DERWriter.tagged(0, []))) == nil)
        #expect(try code(reasons) == nil)
        #expect(try code(reasons, relative) == nil)
        #expect(try code() == nil)
        #expect(try code(relative) == .certificate)
        #expect(try code(DERWriter.tagged(0, [])) == .certificate)
        #expect(try code(DERWriter.tagged(0, DERWriter.null)) == .certificate)
        #expect(try code(DERWriter.tagged(0, DERWriter.element(0x80, []))) == .certificate)
        #expect(try code(DERWriter.tagged(0, DERWriter.element(Self.uri, [0x61]))) == .certificate)
        // Nobody else reads the places of delta lists.
        #expect(try self.code("2.5.29.46", DERWriter.sequence(DERWriter.sequence(relative))) == nil)
    }

    @Test("A list of purposes under the tag of a SEQUENCE that has no parts is none")
    func purposes() throws {
        let purpose = DERWriter.objectIdentifier("1.3.6.1.5.5.7.3.1")
        #expect(try code("2.5.29.37", DERWriter.sequence(purpose)) == nil)
        #expect(try code("2.5.29.37", DERWriter.element(0x10, purpose)) == .certificate)
    }

    // MARK: Names and identifiers

    @Test("No number of an object identifier takes more than 31 bits", arguments: [true, false])
    func identifiers(isGood: Bool) throws {
        let expected: SigningFormatError.Code? = isGood ? nil : .limitExceeded
        let type = isGood ? "1.2.2147483647" : "1.2.2147483648"
        let identifier = DERWriter.objectIdentifier(type)
        #expect(try code { $0.extensions = [.init(type, isCritical: false, value: [])] } == expected)
        #expect(try code { $0.extendedKeyUsages = [type] } == expected)
        #expect(try code { $0.subject.append([.init(type, "x")]) } == expected)
        let algorithm = try code { $0.innerAlgorithm = DERWriter.sequence(identifier) }
        #expect(algorithm == (isGood ? .certificate : .limitExceeded), "it is not the one outside anyway")
        // The first two are one number.
        let first = isGood ? "2.2147483567" : "2.2147483568"
        #expect(try code { $0.extendedKeyUsages = [first] } == expected)
        let access = DERWriter.sequence(DERWriter.sequence(identifier, DERWriter.element(Self.uri, [0x61])))
        #expect(try code("1.3.6.1.5.5.7.1.1", access) == expected)
        // Those of policies may be of any size.
        #expect(try code("2.5.29.32", DERWriter.sequence(DERWriter.sequence(identifier))) == nil)
        #expect(try code("2.5.29.33", DERWriter.sequence(DERWriter.sequence(identifier, identifier))) == nil)
    }

    @Test("The parameters of a signature's algorithm have a tag of one byte")
    func parameters() throws {
        func message(_ parameters: [UInt8]) throws -> String? {
            let algorithm = DERWriter.sequence(DERWriter.objectIdentifier("1.2.3"), parameters)
            return try error { $0.innerAlgorithm = algorithm }?.message
        }
        #expect(try message([0x9F, 0x1F, 0x00])?.contains("malformed parameters") == true)
        #expect(try message([0x9E, 0x00])?.contains("two different signature algorithms") == true)
    }

    @Test(
        "A value that no character of the Basic Multilingual Plane stands for makes the name malformed",
        arguments: [
            (true, [0x00, 0x61]), (true, [0xFD, 0xCF, 0xFD, 0xF0, 0xFF, 0xFD]), (false, [0xFD, 0xD0]),
            (false, [0xFD, 0xEF]), (false, [0x00, 0x61, 0xFF, 0xFE]), (false, [0xFF, 0xFF]), (false, [0xD8, 0x00]),
        ] as [(Bool, [UInt8])]
    )
    func noncharacters(isGood: Bool, bytes: [UInt8]) throws {
        let refusal = try code { $0.subject.append([.init("2.5.4.11", bytes: bytes, tag: 0x1E)]) }
        #expect(refusal == (isGood ? nil : .certificate))
    }

    @Test("A TeletexString has no parts")
    func teletex() throws {
        #expect(try code { $0.subject.append([.init("2.5.4.11", bytes: [0xE9], tag: 0x14)]) } == nil)
        let parts = DERWriter.octetString([0xE9])
        #expect(try code { $0.subject.append([.init("2.5.4.11", bytes: parts, tag: 0x34)]) } == .certificate)
    }

    @Test("Unique identifiers have no parts")
    func uniqueIdentifiers() throws {
        let bits: [UInt8] = [0x00, 0x01]
        #expect(try code { $0.uniqueIdentifiers = DERWriter.element(0x81, bits) } == nil)
        #expect(
            try code { $0.uniqueIdentifiers = DERWriter.element(0x81, bits) + DERWriter.element(0x82, bits) } == nil
        )
        for tag: UInt8 in [0xA1, 0xA2] {
            let taken = DERWriter.element(tag, DERWriter.bitString([0x01]))
            #expect(try code { $0.uniqueIdentifiers = taken } == .certificate)
        }
    }
}
