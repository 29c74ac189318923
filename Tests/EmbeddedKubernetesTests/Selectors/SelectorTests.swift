import FoundationEssentials
import JSONModel
import Testing

@testable import EmbeddedKubernetes

@Suite("Selectors and paths")
struct SelectorTests {
    struct Match: Sendable {
        var selector: String
        var matches: Bool

        static let all: [Match] = [
            .init(selector: "", matches: true), .init(selector: "app=web", matches: true),
            .init(selector: "app==web", matches: true),
            .init(selector: "app!=web", matches: false), .init(selector: "none!=web", matches: true),
            .init(selector: "app in (web, api)", matches: true), .init(selector: "app notin (web)", matches: false),
            .init(selector: "app", matches: true), .init(selector: "!app", matches: false),
            .init(selector: "!none", matches: true),
            .init(selector: "tier>2", matches: true), .init(selector: "tier<2", matches: false),
            .init(selector: "app=web,tier=3", matches: true), .init(selector: "app=web,tier=4", matches: false),
            .init(selector: "example.dev/x=", matches: true), .init(selector: "app in (web),!none", matches: true),
        ]
    }

    @Test("Label selectors", arguments: Match.all)
    func labels(_ match: Match) throws {
        let selector = try LabelSelectorExpression(match.selector)
        #expect(selector.matches(["app": "web", "tier": "3", "example.dev/x": ""]) == match.matches)
    }

    @Test(
        "What is no label selector is a 400",
        arguments: ["=", "a=b=c", "a in b", "a in (b", ",", "a,,b", "a b", "-a", "a>x", "!"]
    )
    func malformed(_ text: String) {
        #expect(throws: APIFailure.self) { try LabelSelectorExpression(text) }
    }

    @Test("Field selectors compare texts, know their kind's fields and unescape")
    func fields() throws {
        let pods = try #require(BuiltinKinds.all.first { $0.served == .pods })
        let pod: JSONValue = ["metadata": ["name": "a,b"], "spec": ["nodeName": "n1"], "status": ["phase": "Running"]]
        #expect(
            try FieldSelectorExpression("spec.nodeName=n1,status.phase!=Failed", kind: pods).matches(pod, kind: pods)
        )
        #expect(try FieldSelectorExpression("metadata.name=a\\,b", kind: pods).matches(pod, kind: pods))
        #expect(try !FieldSelectorExpression("spec.nodeName=", kind: pods).matches(pod, kind: pods))
        #expect(throws: APIFailure.self) { try FieldSelectorExpression("spec.image=x", kind: pods) }
        #expect(throws: APIFailure.self) { try FieldSelectorExpression("nonsense", kind: pods) }
    }

    struct Path: Sendable {
        var text: String
        var values: [JSONValue]

        static let all: [Path] = [
            .init(text: ".spec.image", values: ["x"]), .init(text: "{.spec.image}", values: ["x"]),
            .init(text: "$.spec.image", values: ["x"]),
            .init(text: ".status.conditions[?(@.type==\"Ready\")].status", values: ["True"]),
            .init(text: ".status.conditions[?(@.type!='Ready')].status", values: ["False"]),
            .init(text: ".status.conditions[0].type", values: ["Ready"]),
            .init(text: ".status.conditions[-1].type", values: ["Fresh"]),
            .init(text: ".status.conditions[*].type", values: ["Ready", "Fresh"]),
            .init(text: ".spec['image']", values: ["x"]),
            .init(text: ".metadata.labels.example\\.dev/a", values: ["v"]), .init(text: ".nope.deeper", values: []),
            .init(text: ".status.conditions[9].type", values: []),
        ]
    }

    @Test("JSONPath", arguments: Path.all)
    func paths(_ path: Path) throws {
        let object: JSONValue = [
            "metadata": ["labels": ["example.dev/a": "v"]], "spec": ["image": "x"],
            "status": ["conditions": [["type": "Ready", "status": "True"], ["type": "Fresh", "status": "False"]]],
        ]
        #expect(try JSONPath(path.text).values(in: object) == path.values)
    }

    @Test(
        "Paths outside the subset are refused",
        arguments: [
            ".a[", ".a[?(@.b>1)]", ".a[?(b==1)]", ".a..b", ".a[x]", "[?(", ".a[1:2]", ".a[?(@.b==c)]",
        ]
    )
    func refusedPaths(_ text: String) { #expect(throws: JSONPath.Malformed.self) { try JSONPath(text) } }

    @Test("Times are read and written as the API does; ages as kubectl does")
    func times() throws {
        let date = try #require(Timestamps.parse("2026-11-20T23:59:59.123456Z"))
        #expect(
            Timestamps.micro(date) == "2026-11-20T23:59:59.123456Z"
                && Timestamps.seconds(date) == "2026-11-20T23:59:59Z"
        )
        #expect(Timestamps.parse("2026-11-21T01:59:59+02:00").map(Timestamps.seconds) == "2026-11-20T23:59:59Z")
        #expect(Timestamps.parse("2024-02-29T00:00:00Z").map(Timestamps.seconds) == "2024-02-29T00:00:00Z")
        for bad in [
            "", "x", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z",
        ] {
            #expect(Timestamps.parse(bad) == nil, "\(bad)")
        }
        let ages = [
            (0, "0s"), (119, "119s"), (120, "2m"), (303, "5m3s"), (3600, "60m"), (10_800, "3h"), (90_000, "25h"),
            (180_000, "2d2h"), (864_000, "10d"),
        ]
        for (seconds, text) in ages {
            #expect(Timestamps.age(since: date, now: date.addingTimeInterval(Double(seconds))) == text)
        }
        #expect(GoDuration.parse("1h1m1.5s") == 3_661_500_000_000 && GoDuration.parse("-5ms") == -5_000_000)
        for bad in ["", "1", "s", "1x", "1h-1m", "..s", "9999999999999h"] {
            #expect(GoDuration.parse(bad) == nil, "\(bad)")
        }
    }
}
