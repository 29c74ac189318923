import JSONModel
import TestDocuments
import Testing
import TrustResources

@testable import VigilCommand

/// The schema of the configuration, and everything that repeats it.
@Suite("Settings")
struct SettingTests {
    @Test("each has names of its own, and a default that it allows")
    func schema() throws {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.flag)).count == Setting.all.count)
        #expect(Setting.byKey.count == Setting.all.count)
        for setting in Setting.all {
            let value = setting.value(OperatorConfiguration())
            #expect(try setting.kind.read(repeated: value == .texts([]) ? [] : [value.text]) == value, "\(setting.key)")
            #expect(setting.key.split(separator: ".").count <= 2 && !setting.text.isEmpty)
            #expect(!Setting.groups.contains(setting.key), "\(setting.key) is a group too")
        }
    }

    /// The row of a setting in the page.
    private static func row(_ setting: Setting) -> String {
        let isEmpty = setting.value(OperatorConfiguration()).text.isEmpty
        let standard = isEmpty ? setting.defaultNote ?? "–" : "`\(setting.defaultText)`"
        let effect =
            switch setting.effect {
            case .live: "live"
            case .restart: "restart"
            case .notInFile: "not in the file"
            }
        return
            "| `\(setting.key)` | \(standard) | `--\(setting.flag)` | `\(setting.variable)` | \(effect) | \(setting.text) |"
    }

    @Test("docs/configuration.md has a row for every setting, and for nothing else")
    func page() throws {
        let rows = try Checkout.text("docs/configuration.md").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("| `") && $0.contains("` | `VIGIL_") }
        let expected = Setting.all.map(Self.row)
        #expect(Set(expected).subtracting(rows).sorted() == [], "missing in docs/configuration.md")
        #expect(Set(rows).subtracting(expected).sorted() == [], "not a setting")
    }

    @Test("examples of the page are configurations")
    func examples() throws {
        let blocks = try Checkout.text("docs/configuration.md").matches(of: /```yaml\n([\s\S]*?)```/).map {
            String($0.1)
        }
        #expect(!blocks.isEmpty)
        for block in blocks {
            var check = ConfigurationCheck()
            check.check(InputFiles.File(name: "docs/configuration.md", bytes: Array(block.utf8), isNamed: true))
            #expect(check.configurations == 1 && check.problems.isEmpty, "\(check.problems)")
        }
    }

    @Test("the ConfigMap of config/manager sets every default that it names to that default")
    func shipped() throws {
        var check = ConfigurationCheck()
        let bytes = Array(try Checkout.text("config/manager/config_map.yaml").utf8)
        let file = InputFiles.File(name: "config_map.yaml", bytes: bytes, isNamed: true)
        check.check(file)
        #expect(check.configurations == 1 && check.problems.isEmpty, "\(check.problems)")
        let data = try #require(try DocumentReader.read(file).first?.value.value(at: "data", "config.yaml")?.string)
        let read = try ConfigurationFile(Array(data.utf8), name: "config.yaml")
        #expect(!read.assignments.isEmpty)
        #expect(try ConfigurationLayers().over(read).configuration == OperatorConfiguration())
    }

    /// What the values of the chart may be, for a setting.
    private static func schema(of kind: SettingKind) -> JSONValue {
        switch kind {
        case .toggle: ["type": "boolean"]
        case .integer(let range):
            [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        case .number(let range):
            [
                "type": "number", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        case .duration: ["type": "string", "pattern": .string(DurationText.pattern)]
        case .choice(let words): ["enum": .array(words.map(JSONValue.string))]
        case .text: ["type": "string"]
        case .list(.mirror):
            [
                "type": "array",
                "items": [
                    "type": ["string", "object"], "additionalProperties": false,
                    "required": ["from", "to", "evidence"],
                    "properties": [
                        "from": ["type": "string", "minLength": 1], "to": ["type": "string", "minLength": 1],
                        "evidence": ["enum": ["origin", "mirror", "both"]],
                    ],
                ],
                "maxItems": 256,
            ]
        case .list(.registryHost):
            [
                "type": "array",
                "items": [
                    "type": ["string", "object"], "additionalProperties": false, "required": ["host"],
                    "properties": [
                        "host": ["type": "string", "minLength": 1], "ca": ["type": "string", "minLength": 1],
                        "clientCertificate": ["type": "string", "minLength": 1],
                        "clientKey": ["type": "string", "minLength": 1], "plainHTTP": ["type": "boolean"],
                        "proxy": ["type": "string", "minLength": 1],
                        "tokenService": ["type": "string", "minLength": 1],
                    ],
                ],
                "maxItems": 256,
            ]
        case .list: ["type": "array", "items": ["type": "string", "minLength": 1], "maxItems": 256]
        }
    }

    @Test("the chart's schema of config is this one")
    func chart() throws {
        var top: [String: JSONValue] = [:]
        var groups: [String: [String: JSONValue]] = [:]
        for setting in Setting.all where setting.effect != .notInFile {
            let parts = setting.key.split(separator: ".").map(String.init)
            if parts.count == 2 {
                groups[parts[0], default: [:]][parts[1]] = Self.schema(of: setting.kind)
            } else {
                top[setting.key] = Self.schema(of: setting.kind)
            }
        }
        func object(_ members: [String: JSONValue]) -> JSONValue {
            ["type": "object", "additionalProperties": false, "properties": .object(members)]
        }
        for (name, members) in groups { top[name] = object(members) }
        let schema = try JSONParser().parse(Array(try Checkout.text("charts/vigil/values.schema.json").utf8))
        let written = try #require(schema.value(at: "properties", "config"))
        #expect(written == object(top))
        // Besides our own levels, those of kube-notary, which the templates translate.
        let levels = try #require(schema.value(at: "properties", "log", "properties", "level", "enum")?.array)
        let own = try #require(Self.schema(of: Setting.logLevel.kind)["enum"]?.array)
        #expect(levels == own + ["warn", "fatal", "panic"])
        #expect(
            schema.value(at: "properties", "log", "properties", "format") == Self.schema(of: Setting.logFormat.kind)
        )
        #expect(schema.value(at: "properties", "workers") == Self.schema(of: Setting.workers.kind))
        #expect(schema.value(at: "properties", "evidenceAge") == Self.schema(of: Setting.evidenceAge.kind))
    }
}
