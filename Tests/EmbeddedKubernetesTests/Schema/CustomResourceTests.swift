import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Custom resources")
struct CustomResourceTests {
    @Test("A definition is established, served and discovered; without it the path is no page at all")
    func established() async throws {
        let fixture = ClusterFixture()
        let before = try await fixture.send(.get, ClusterFixture.widgets)
        #expect(before.status == 404 && before.body == .string("404 page not found\n"))
        #expect(try await fixture.define().status == 201)
        let crd = try await fixture.send(
            .get,
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev"
        )
        let conditions = crd.body.value(at: "status", "conditions")?.array ?? []
        #expect(conditions.map { $0["type"]?.string ?? "" } == ["NamesAccepted", "Established"])
        #expect(try await fixture.send(.get, ClusterFixture.widgets).status == 200)
        let discovered = try await fixture.send(.get, "/apis/example.dev/v1")
        #expect(discovered.body["resources"]?.array?.first?["kind"] == "Widget")
    }

    @Test("A default of the status is there from the start, although nobody may send a status with the object")
    func statusDefault() async throws {
        let fixture = ClusterFixture()
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "spec": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                "status": [
                    "type": "object", "default": ["observedGeneration": -1],
                    "properties": ["observedGeneration": ["type": "integer"], "phase": ["type": "string"]],
                ],
            ],
        ]
        let definition = ClusterFixture.definition(extra: ["schema": ["openAPIV3Schema": schema]])
        #expect(try await fixture.define(definition).status == 201)
        let widget: JSONValue = [
            "apiVersion": "example.dev/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": [:],
            "status": ["observedGeneration": 7, "phase": "mine"],
        ]
        let created = try await fixture.send(.post, ClusterFixture.widgets, widget)
        #expect(created.status == 201 && created.body["status"] == ["observedGeneration": -1], "\(created.body)")
        let read = try await fixture.send(.get, "\(ClusterFixture.widgets)/w")
        #expect(read.body["status"] == ["observedGeneration": -1])
    }

    struct Malformed: Sendable {
        var property: JSONValue
        /// The field of the error, below the property.
        var field: String

        static let all: [Malformed] = [
            Malformed(property: [:], field: ".type"),
            Malformed(property: ["type": "array"], field: ".items"),
            Malformed(property: ["type": "string", "pattern": "("], field: ".pattern"),
            Malformed(property: ["type": "integer", "default": "x"], field: ".default"),
            Malformed(property: ["$ref": "#/x", "type": "string"], field: ".$ref"),
            Malformed(
                property: ["type": "array", "items": ["type": "object"], "x-kubernetes-list-type": "map"],
                field: ".x-kubernetes-list-map-keys"
            ),
        ]
    }

    @Test("A definition that is not structural is refused at the field", arguments: Malformed.all)
    func structural(_ malformed: Malformed) async throws {
        let answer = try await ClusterFixture().define(ClusterFixture.definition(spec: ["a": malformed.property]))
        let field = "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a]" + malformed.field
        #expect(answer.status == 422 && answer.body.reason == "Invalid")
        #expect(answer.body.causes[field] != nil, "\(answer.body.causes)")
    }

    @Test(
        "A rule outside the subset, or about a field that is not there, refuses the definition",
        arguments: [
            "self.size.frobnicate() == 1", "self.colour == 'red'", "self.size", "self.size ==",
        ]
    )
    func rules(_ rule: String) async throws {
        let rules: JSONValue = [["rule": .string(rule)]]
        let answer = try await ClusterFixture().define(ClusterFixture.definition(rules: rules))
        #expect(answer.status == 422)
        let field = "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule"
        #expect(answer.body.causes[field]?.contains("compilation failed") == true, "\(answer.body.causes)")
    }

    private func answer(_ property: JSONValue, _ value: JSONValue) async throws -> JSONValue {
        let fixture = ClusterFixture()
        #expect(try await fixture.define(ClusterFixture.definition(spec: ["a": property])).status == 201)
        return try await fixture.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w", spec: ["a": value]))
            .body
    }

    struct Violation: Sendable {
        var property: JSONValue
        var value: JSONValue
        var message: String

        init(_ property: JSONValue, _ value: JSONValue, _ message: String) {
            self.property = property
            self.value = value
            self.message = message
        }

        static let all: [Violation] = [
            Violation(
                ["type": "integer"],
                "x",
                "Invalid value: \"string\": spec.a in body must be of type integer: \"string\""
            ),
            Violation(
                ["type": "integer", "maximum": 5],
                6,
                "Invalid value: 6: spec.a in body should be less than or equal to 5"
            ),
            Violation(
                ["type": "integer", "minimum": 5],
                4,
                "Invalid value: 4: spec.a in body should be greater than or equal to 5"
            ),
            Violation(["type": "string", "maxLength": 2], "abc", "Too long: may not be more than 2 bytes"),
            Violation(
                ["type": "string", "minLength": 2],
                "a",
                "Invalid value: \"a\": spec.a in body should be at least 2 chars long"
            ),
            Violation(
                ["type": "string", "pattern": "^b+$"],
                "a",
                "Invalid value: \"a\": spec.a in body should match '^b+$'"
            ),
            Violation(
                ["type": "string", "enum": ["x", "y"]],
                "a",
                "Unsupported value: \"a\": supported values: \"x\", \"y\""
            ),
            Violation(
                ["type": "string", "format": "date-time"],
                "a",
                "Invalid value: \"a\": spec.a in body must be of type date-time: \"a\""
            ),
            Violation(
                ["type": "string", "format": "duration"],
                "a",
                "Invalid value: \"a\": spec.a in body must be of type duration: \"a\""
            ),
            Violation(
                ["type": "array", "maxItems": 1, "items": ["type": "integer"]],
                [1, 2],
                "Too many: 2: must have at most 1 items"
            ),
        ]
    }

    @Test("Each constraint has its message", arguments: Violation.all)
    func constraints(_ violation: Violation) async throws {
        let body = try await answer(violation.property, violation.value)
        #expect(body["code"] == 422)
        #expect(body.causes["spec.a"] == violation.message)
    }

    @Test("Sets and maps refuse duplicates")
    func lists() async throws {
        let set = try await answer(
            ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"],
            ["a", "a"]
        )
        #expect(set.causes["spec.a[1]"] == "Duplicate value: \"a\"")
        let item: JSONValue = [
            "type": "object", "required": ["k"], "properties": ["k": ["type": "string"], "v": ["type": "string"]],
        ]
        let property: JSONValue = [
            "type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
        ]
        let map = try await answer(property, [["k": "a", "v": "1"], ["k": "a", "v": "2"]])
        #expect(map.causes["spec.a[1]"] == "Duplicate value: {\"k\":\"a\"}")
        let required = try await answer(property, [["v": "1"]])
        #expect(required.causes["spec.a[0].k"] == "Required value")
    }

    @Test("Rules run on creation, transition rules on updates only; what was invalid before is tolerated")
    func transitions() async throws {
        let fixture = ClusterFixture()
        let rules: JSONValue = [
            ["rule": "self.size < 10", "message": "too big"],
            [
                "rule": "self.size >= oldSelf.size", "message": "may not shrink", "reason": "FieldValueForbidden",
                "fieldPath": ".size",
            ],
        ]
        #expect(try await fixture.define(ClusterFixture.definition(rules: rules)).status == 201)
        let big = try await fixture.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w", spec: ["size": 10]))
        #expect(big.body.causes == ["spec": "Invalid value: too big"])
        #expect(
            try await fixture.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w", spec: ["size": 5])).status
                == 201
        )
        let shrink = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w",
            ["spec": ["size": 4]],
            type: "application/merge-patch+json"
        )
        #expect(shrink.status == 422 && shrink.body.causes == ["spec.size": "Forbidden: may not shrink"])
        let grow = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w",
            ["spec": ["size": 6]],
            type: "application/merge-patch+json"
        )
        #expect(grow.status == 200)
    }

    @Test("Defaults are filled in, unknown fields pruned, and Strict, Warn and Ignore differ")
    func fields() async throws {
        let fixture = ClusterFixture()
        let spec: JSONValue = [
            "size": ["type": "integer", "default": 7],
            "inner": ["type": "object", "properties": ["x": ["type": "string", "default": "d"]]],
        ]
        #expect(try await fixture.define(ClusterFixture.definition(spec: spec)).status == 201)
        let body = ClusterFixture.widget("a", spec: ["bogus": 1, "inner": [:]])
        let strict = try await fixture.send(.post, ClusterFixture.widgets + "?fieldValidation=Strict", body)
        #expect(
            strict.status == 400 && strict.body.message.hasSuffix("strict decoding error: unknown field \"spec.bogus\"")
        )
        let warned = try await fixture.send(.post, ClusterFixture.widgets, body)
        #expect(warned.status == 201 && warned.headers["warning"] == "299 - \"unknown field \\\"spec.bogus\\\"\"")
        #expect(warned.body["spec"] == ["size": 7, "inner": ["x": "d"]])
        let ignored = try await fixture.send(
            .post,
            ClusterFixture.widgets + "?fieldValidation=Ignore",
            ClusterFixture.widget("b", spec: ["bogus": 1])
        )
        #expect(ignored.status == 201 && ignored.headers["warning"] == nil)
        let patched = try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/a?fieldValidation=Strict",
            ["spec": ["bogus": 1]],
            type: "application/merge-patch+json"
        )
        #expect(patched.status == 422)
    }

    @Test("Printer columns and selectable fields work through JSONPath")
    func columns() async throws {
        let fixture = ClusterFixture()
        let extra: JSONValue = [
            "additionalPrinterColumns": [
                ["name": "Size", "type": "integer", "jsonPath": ".spec.size"],
                ["name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"],
                ["name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"],
            ],
            "selectableFields": [["jsonPath": ".spec.size"]],
        ]
        #expect(try await fixture.define(ClusterFixture.definition(extra: extra)).status == 201)
        for size in 1...2 {
            let widget = ClusterFixture.widget("w\(size)", spec: ["size": .integer(Int64(size))])
            try await fixture.send(.post, ClusterFixture.widgets, widget)
        }
        let status: JSONValue = [
            "status": ["conditions": [["type": "Fresh", "status": "False"], ["type": "Ready", "status": "True"]]]
        ]
        try await fixture.send(
            .patch,
            ClusterFixture.widgets + "/w2/status",
            status,
            type: "application/merge-patch+json"
        )
        let table = try await fixture.send(
            .get,
            ClusterFixture.widgets + "?fieldSelector=spec.size=2",
            accept: "application/json;as=Table;v=v1;g=meta.k8s.io"
        )
        #expect(table.body["rows"]?.array?.map { $0["cells"] ?? .null } == [["w2", 2, "True", "0s"]])
        let refused = try await fixture.send(.get, ClusterFixture.widgets + "?fieldSelector=spec.color=red")
        #expect(refused.status == 400 && refused.body.message == "field label not supported: spec.color")
    }

    @Test("Deleting a definition deletes its objects, ends its watches and withdraws its paths")
    func retired() async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.define().status == 201)
        try await fixture.send(.post, ClusterFixture.widgets, ClusterFixture.widget("w"))
        let transport = fixture.transport
        let events = try await transport.stream(
            .init(.get, ClusterFixture.widgets, query: [.init("watch", "true")])
        ) { stream -> [String] in
            try await fixture.send(
                .delete,
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev"
            )
            var types: [String] = []
            for try await line in stream.body { types.append(try JSONParser().parse(line.dropLast()).type) }
            return types
        }
        #expect(events == ["ADDED", "DELETED"])
        let after = try await fixture.send(.get, ClusterFixture.widgets)
        #expect(after.status == 404 && after.body == .string("404 page not found\n"))
        #expect(try await fixture.define().status == 201)
    }
}
