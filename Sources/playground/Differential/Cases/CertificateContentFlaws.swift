import SigningTestKit

/// Certificates that say something malformed about what neither program judges by: names, policies and places.
extension ChainFlaw {
    static let ofContents: [ChainFlaw] =
        ofConstraints + ofConstraintLists + ofPolicies + ofURIs + ofNumbers + ofIssuers

    /// Those who are to say such things at all.
    private static let ofIssuers: [ChainFlaw] = [
        .authority(1, "name-constraint-malformed", .refused(.integrity)) {
            $0.extensions = [.init("2.5.29.30", isCritical: false, value: permitted(0x82, Array("a.".utf8)))]
        },
        .authority(1, "policy-constraints-malformed", .refused(.integrity)) {
            $0.extensions = [.init("2.5.29.36", isCritical: false, value: DERWriter.null)]
        },
    ]

    // MARK: Name constraints

    /// Name constraints that permit one name.
    private static func permitted(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.tagged(0, names(tag, bytes)))
    }

    private static func host(_ name: String, _ expected: Expected, _ text: String) -> ChainFlaw {
        form("constraint-host-" + name, expected, "2.5.29.30", permitted(0x82, Array(text.utf8)))
    }

    private static func mail(_ name: String, _ expected: Expected, _ text: String) -> ChainFlaw {
        form("constraint-mail-" + name, expected, "2.5.29.30", permitted(0x81, Array(text.utf8)))
    }

    private static func site(_ name: String, _ expected: Expected, _ text: String) -> ChainFlaw {
        form("constraint-uri-" + name, expected, "2.5.29.30", permitted(0x86, Array(text.utf8)))
    }

    private static func range(_ name: String, _ expected: Expected, _ bytes: [UInt8]) -> ChainFlaw {
        form("constraint-address-" + name, expected, "2.5.29.30", permitted(0x87, bytes))
    }

    private static let ofConstraints: [ChainFlaw] = [
        host("below", .accepted(), ".example.com"),
        host("of-nothing", .accepted(), ""),
        host("address", .accepted(), "192.0.2.1"),
        host("dot-at-its-end", .refused(.integrity), "example.com.").sampled,
        host("dot-alone", .refused(.integrity), "."),
        host("empty-label", .refused(.integrity), "a..example"),
        host("space", .refused(.integrity), "a example"),
        host("not-ascii", .refused(.integrity), "é.example"),
        mail("of-one", .accepted(), "a.b+c@example.com"),
        mail("of-one-in-quotes", .accepted(), #""a b\"c"@example.com"#),
        mail("of-a-host", .accepted(), "example.com"),
        mail("two-dots", .refused(.integrity), "a..b@example.com"),
        mail("space", .refused(.integrity), "a b@example.com"),
        mail("open-quotes", .refused(.integrity), "\"a@example.com"),
        mail("dot-at-its-end", .refused(.integrity), "a@example.com."),
        mail("not-ascii", .refused(.integrity), #"a\é@example.com"#),
        site("below", .accepted(), ".example.com"),
        site("almost-address", .accepted(), "192.0.2.256"),
        site("address", .refused(.integrity), "192.0.2.1"),
        site("long-address", .refused(.integrity), "2001:db8::1"),
        site("empty-label", .refused(.integrity), "a..example"),
        range("of-all", .accepted(), [0, 0, 0, 0, 0, 0, 0, 0]),
        range("without-mask", .refused(.integrity), [192, 0, 2, 0]),
        range("holes-in-its-mask", .refused(.integrity), [192, 0, 2, 0, 255, 255, 1, 0]),
        range("long-with-holes", .refused(.integrity), [UInt8](repeating: 0, count: 31) + [1]),
    ]

    private static let example = names(0x82, Array("example.com".utf8))

    private static func lists(_ name: String, _ expected: Expected, _ parts: [UInt8]...) -> ChainFlaw {
        form("name-constraints-" + name, expected, "2.5.29.30", DERWriter.sequence(parts.flatMap { $0 }))
    }

    private static let ofConstraintLists: [ChainFlaw] = [
        lists("both", .accepted(), DERWriter.tagged(0, example), DERWriter.tagged(1, example)),
        lists("one-empty", .accepted(), DERWriter.tagged(0, []), DERWriter.tagged(1, example)),
        lists("of-a-directory", .accepted(), DERWriter.tagged(1, names(0xA4, CertificateRecipe.encoded([])))),
        lists("all-empty", .refused(.integrity), DERWriter.tagged(0, [])),
        lists("wrong-order", .refused(.integrity), DERWriter.tagged(1, example), DERWriter.tagged(0, example)),
        lists("twice", .refused(.integrity), DERWriter.tagged(0, example), DERWriter.tagged(0, example)),
        lists("without-parts", .refused(.integrity), DERWriter.element(0x80, example)),
        lists("bare-name", .refused(.integrity), DERWriter.tagged(0, DERWriter.element(0x82, [0x61]))),
        lists("no-name", .refused(.integrity), DERWriter.tagged(0, DERWriter.sequence())),
    ]

    // MARK: Policies

    private static let ofPolicies: [ChainFlaw] = [
        policyConstraints("of-both", .accepted(), [0x80, 1, 0, 0x81, 1, 0]),
        policyConstraints("of-none", .accepted(), []),
        policyConstraints("below-zero", .accepted(), [0x80, 1, 0xFF]),
        policyConstraints("no-digits", .refused(.integrity), [0x80, 0]),
        policyConstraints("not-shortest", .refused(.integrity), [0x81, 2, 0, 0]),
        policyConstraints("of-65-bits", .refused(.integrity), [0x80, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        form("policy-constraints-no-sequence", .refused(.integrity), "2.5.29.36", DERWriter.null),
        form("any-policy-inhibited", .accepted(), "2.5.29.54", DERWriter.integer(0)),
        form("any-policy-inhibited-no-number", .refused(.integrity), "2.5.29.54", DERWriter.boolean(true)),
        form("any-policy-inhibited-not-shortest", .refused(.integrity), "2.5.29.54", [2, 2, 0, 0]),
        form(
            "any-policy-inhibited-after-64-bits",
            .refused(.integrity),
            "2.5.29.54",
            [2, 9, 0, 128, 0, 0, 0, 0, 0, 0, 0]
        ),
        form("policy-mapping", .accepted(), "2.5.29.33", DERWriter.sequence(DERWriter.sequence(policy, other))),
        form("policy-mappings-of-none", .accepted(), "2.5.29.33", DERWriter.sequence()),
        form(
            "policy-mapping-of-one",
            .refused(.integrity),
            "2.5.29.33",
            DERWriter.sequence(DERWriter.sequence(policy))
        ),
        form("policy-mappings-no-sequence", .refused(.integrity), "2.5.29.33", DERWriter.null),
        form(
            "policy-with-an-empty-byte",
            .refused(.integrity),
            "2.5.29.32",
            DERWriter.sequence(DERWriter.sequence(DERWriter.element(0x06, [0x2A, 0x80, 0x01])))
        ),
    ]

    private static let policy = DERWriter.objectIdentifier("1.3.6.1.4.1.99999.2")
    private static let other = DERWriter.objectIdentifier("1.3.6.1.4.1.99999.3")

    private static func policyConstraints(_ name: String, _ expected: Expected, _ content: [UInt8]) -> ChainFlaw {
        form("policy-constraints-" + name, expected, "2.5.29.36", DERWriter.sequence(content))
    }

    // MARK: Alternative names

    private static func uri(_ name: String, _ expected: Expected, _ text: String) -> ChainFlaw {
        form("uri-" + name, expected, "2.5.29.17", names(0x86, Array(text.utf8)))
    }

    private static let ofURIs: [ChainFlaw] = [
        uri("with-everything", .accepted(), "https://u:p@a.example:8443/b%20c?d=e&%zz#f"),
        uri("of-a-workload", .accepted(), "spiffe://trust.example/ns/a"),
        uri("of-a-name", .accepted(), "urn:uuid:00000000-0000-0000-0000-000000000000"),
        uri("without-a-scheme", .accepted(), "a/b"),
        uri("of-nothing", .accepted(), ""),
        uri("of-an-address", .accepted(), "http://[2001:db8::1]:80/"),
        uri("of-an-address-in-a-zone", .accepted(), "http://[fe80::1%25eth0]/"),
        uri("not-ascii", .refused(.integrity), "http://a.example/é"),
        uri("with-a-line-end", .refused(.integrity), "http://a.example/\n"),
        uri("without-a-name-of-its-scheme", .refused(.integrity), "://a.example/"),
        uri("with-a-colon-in-its-first-segment", .refused(.integrity), "1a:b"),
        uri("with-half-an-escape", .refused(.integrity), "http://a.example/%4"),
        uri("with-half-an-escape-at-its-end", .refused(.integrity), "http://a.example/#%4"),
        uri("with-half-an-escape-of-its-user", .refused(.integrity), "http://%4@a.example/"),
        uri("with-an-empty-label", .refused(.integrity), "http://a..example/").sampled,
        uri("with-a-dot-at-the-end-of-its-host", .refused(.integrity), "http://a.example./"),
        uri("with-a-space-in-its-host", .refused(.integrity), "http://a example/"),
        uri("with-an-escape-in-its-host", .refused(.integrity), "http://%C3%A9.example/"),
        uri("with-a-port-that-is-no-number", .refused(.integrity), "http://a.example:http/"),
        uri("with-an-open-bracket", .refused(.integrity), "http://[2001:db8::1/"),
        uri("with-a-short-address-in-brackets", .refused(.integrity), "http://[192.0.2.1]/"),
        uri("with-a-name-in-brackets", .refused(.integrity), "http://[a.example]/"),
        uri("with-a-zone-of-nothing", .refused(.integrity), "http://[fe80::1%25]/"),
    ]

    // MARK: Tags, numbers and strings

    private static let ofNumbers: [ChainFlaw] = [
        form(
            "alternative-name-tag-of-two-bytes",
            .refused(.integrity),
            "2.5.29.17",
            DERWriter.sequence([0x9F, 0x1F, 0])
        ),
        form("purposes-without-parts", .refused(.integrity), "2.5.29.37", DERWriter.element(0x10, policy)),
        form(
            "lists-at-a-relative-name",
            .refused(.integrity),
            "2.5.29.31",
            DERWriter.sequence(DERWriter.sequence(DERWriter.tagged(0, DERWriter.tagged(1, DERWriter.sequence()))))
        ),
        form("extension-of-a-type-of-31-bits", .accepted(), "1.2.2147483647", DERWriter.null),
        form("extension-of-a-type-of-32-bits", .refused(.integrity), "1.2.2147483648", DERWriter.null),
        .leaf("eku-of-31-bits", .accepted()) { $0.extendedKeyUsages = ["1.2.2147483647"] },
        .leaf("eku-of-32-bits", .refused(.integrity)) { $0.extendedKeyUsages = ["1.2.2147483648"] },
        .leaf("name-of-a-type-of-32-bits", .refused(.integrity)) {
            $0.subject.append([CertificateRecipe.NamePart("1.2.2147483648", "a")])
        },
        .leaf("name-of-wide-characters", .accepted()) {
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", bytes: [0x00, 0x61], tag: 0x1E)])
        },
        .leaf("name-of-no-character", .refused(.integrity)) {
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", bytes: [0xFD, 0xD0], tag: 0x1E)])
        },
        .leaf("name-in-teletex-with-parts", .refused(.integrity)) {
            let parts = DERWriter.octetString([0x61])
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", bytes: parts, tag: 0x34)])
        },
        .leaf("unique-identifiers", .accepted()) {
            $0.uniqueIdentifiers = DERWriter.element(0x81, [0, 1]) + DERWriter.element(0x82, [0, 2])
        },
        .leaf("unique-identifier-with-parts", .refused(.integrity)) {
            $0.uniqueIdentifiers = DERWriter.element(0xA1, DERWriter.bitString([1]))
        },
    ]
}
