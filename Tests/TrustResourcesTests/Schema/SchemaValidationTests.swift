import JSONModel
import TestTiming
import Testing

@testable import TrustResources

struct SchemaValidationTests {
    private let schema = CustomResourceDefinitions.trustPolicy.schema

    private func policy(_ change: (inout [String: JSONValue]) -> Void = { _ in }) throws -> JSONValue {
        var object = try #require(try Coding.json(Samples.trustPolicy()).object)
        change(&object)
        return .object(object)
    }

    private func problems(_ path: [JSONPathStep], _ value: JSONValue?) throws -> [String] {
        schema.validate(try policy().setting(path, to: value)).map(\.description)
    }

    @Test("a full object has no problem")
    func good() throws { #expect(schema.validate(try policy()) == []) }

    @Test("each way of going wrong is told with its path and what to write")
    func wrong() throws {
        #expect(
            try problems(["spec", "intervall"], "60s")
                == ["spec.intervall: is no known field (did you mean interval?)"]
        )
        #expect(try problems(["spec", "interval"], 60) == ["spec.interval: is an integer, expected a string"])
        #expect(
            try problems(["spec", "interval"], "soon")
                == [#"spec.interval: is "soon", expected the form ^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"#]
        )
        #expect(try problems(["spec", "authorities"], nil) == ["spec.authorities: is missing"])
        #expect(try problems(["spec", "authorities"], []) == ["spec.authorities: has 0 entries, at least 1 expected"])
        #expect(try problems(["spec", "images"], nil).isEmpty)
        #expect(try problems(["spec", "images"], .null) == ["spec.images: is empty: write a value or remove the line"])
        #expect(
            try problems(["spec", "authorities", 0, "notary", "level"], "Strict")
                == [
                    #"spec.authorities[0].notary.level: is "Strict", expected one of strict, permissive, audit, skip "#
                        + "(did you mean strict?)"
                ]
        )
        #expect(
            try problems(["spec", "authorities", 0, "notary", "overrides", "expiry"], "skip")
                == [#"spec.authorities[0].notary.overrides.expiry: is "skip", expected one of enforce, log"#]
        )
        #expect(
            try problems(["spec", "authorities", 0, "notary", "overrides", "integrity"], "log").first?.hasPrefix(
                "spec.authorities[0].notary.overrides.integrity: is no known field"
            ) == true
        )
        #expect(
            try problems(["spec", "decisions", 0, "expires"], "tomorrow at the latest")
                == [
                    #"spec.decisions[0].expires: is "tomorrow at the latest", expected "#
                        + "an RFC 3339 time such as 2027-01-01T00:00:00Z"
                ]
        )
        #expect(
            try problems(["status", "images", "total"], -1) == ["status.images.total: is -1, expected 0 to 2147483647"]
        )
    }

    @Test("what stands around the specification is checked too")
    func envelope() throws {
        #expect(try problems(["kind"], "Pod") == ["kind: must be TrustPolicy"])
        #expect(try problems(["apiVersion"], "v1") == ["apiVersion: must be vigil.dev/v1alpha1"])
        #expect(try problems(["spek"], [:]) == ["spek: is no field of TrustPolicy (did you mean spec?)"])
        #expect(try problems(["metadata", "name"], nil) == ["metadata.name: is missing"])
        #expect(try problems(["metadata", "name"], "Shop").first?.hasPrefix("metadata.name: is \"Shop\"") == true)
        #expect(
            try problems(["metadata", "lables"], [:]) == [
                "metadata.lables: is no field of metadata (did you mean labels?)"
            ]
        )
        #expect(
            try problems(["metadata", "labels"], ["a": 1]) == ["metadata.labels[a]: is an integer, expected a string"]
        )
        #expect(schema.validate([]).map(\.description) == ["is array, expected an object"])
        let cluster = CustomResourceDefinitions.clusterTrustPolicy.schema
        let object = try Coding.json(Samples.clusterTrustPolicy()).setting(["metadata", "namespace"], to: "shop")
        #expect(
            cluster.validate(object).map(\.description)
                == ["metadata.namespace: must be absent: ClusterTrustPolicy belongs to the whole cluster"]
        )
    }

    @Test("keys of list maps and members of sets may not be repeated")
    func repetition() throws {
        let authorities = try #require(try policy().value(at: "spec", "authorities")?.array)
        #expect(
            try problems(["spec", "authorities"], .array(authorities + authorities))
                == ["spec.authorities[1]: repeats spec.authorities[0]"]
        )
        #expect(
            try problems(["spec", "images", "include"], ["a/b", "a/b"])
                == ["spec.images.include[1]: repeats spec.images.include[0]"]
        )
    }

    @Test("a pattern must match the whole text, a line break included")
    func anchoring() {
        #expect(AnchoredPattern.matches(DurationText.pattern, "1h30m"))
        #expect(!AnchoredPattern.matches(DurationText.pattern, "1h30m\n"))
        #expect(!AnchoredPattern.matches(DurationText.pattern, "x\n1h30m"))
        #expect(!AnchoredPattern.matches(NamePattern.subdomain, "shop\n"))
        #expect(!AnchoredPattern.matches("(", "("))
    }

    @Test("defaults are filled in where nothing stands, also inside lists, and nothing else is changed")
    func defaults() throws {
        let object: JSONValue = [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "TrustPolicy", "metadata": ["name": "x"],
            "spec": [
                "interval": "5m",
                "authorities": [["name": "a", "notary": ["level": "audit"]], ["name": "b", "notary": [:]]],
            ],
        ]
        let filled = schema.applyDefaults(to: object)
        #expect(
            filled["spec"] == [
                "interval": "5m", "maxStaleness": "1h", "require": "Any",
                "authorities": [
                    ["name": "a", "notary": ["level": "audit", "verifyTimestamp": "always"]],
                    ["name": "b", "notary": ["level": "strict", "verifyTimestamp": "always"]],
                ],
            ]
        )
        #expect(schema.applyDefaults(to: filled) == filled)
        #expect(schema.applyDefaults(to: "text") == "text")
    }

    @Test("every default is valid itself", arguments: CustomResourceDefinitions.definitions)
    func defaultsAreValid(_ definition: CustomResourceDefinition) {
        func check(_ node: SchemaNode, _ path: String) {
            if let value = node.defaultValue {
                var validator = SchemaValidator()
                validator.validate(value, against: node, path: path)
                #expect(validator.problems == [])
            }
            switch node.shape {
            case .object(let properties):
                for property in properties { check(property.node, "\(path).\(property.name)") }
            case .array(let items, _, _): check(items, "\(path)[]")
            default: break
            }
        }
        check(definition.schema.spec, "spec")
        check(definition.schema.status, "status")
    }

    @Test("random damage never traps, and never yields more than 64 problems", arguments: 0..<40)
    func mutation(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var object = try policy()
        for _ in 0..<20 {
            object = object.damaged(with: &random)
            let problems = schema.validate(object)
            #expect(problems.count <= 64, "seed \(seed)")
            let defaulted = schema.applyDefaults(to: object)
            #expect(schema.applyDefaults(to: defaulted) == defaulted, "seed \(seed)")
            // What the schema accepts, the type must be able to read.
            if problems.isEmpty {
                #expect(throws: Never.self, "seed \(seed)") { try Coding.decode(TrustPolicy.self, object) }
            }
        }
    }

    @Test("huge and odd values are refused in short messages")
    func hostile() throws {
        let long = String(repeating: "a", count: 200_000)
        for path: [JSONPathStep] in [["spec", "interval"], ["spec", "authorities", 0, "name"], ["spec", "require"]] {
            let problems = try problems(path, .string(long))
            #expect(problems.count == 1 && problems.allSatisfy { $0.count < 300 })
        }
        let many = try problems(["spec", "images", "include"], .array((0..<5000).map { .string("r/\($0)") }))
        #expect(many.first == "spec.images.include: has 5000 entries, at most 128 are allowed")
        let unknown = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<5000).map { ("k\($0)", JSONValue.null) }))
        #expect(try problems(["spec"], unknown).count == 64)
    }
}
