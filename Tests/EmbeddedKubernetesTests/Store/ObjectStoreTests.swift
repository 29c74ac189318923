import JSONModel
import Testing

@testable import EmbeddedKubernetes

@Suite("The store of objects")
struct ObjectStoreTests {
    private let maps = GroupResource("", "configmaps")
    private let key = ObjectKey(namespace: "default", name: "a")

    private func map(_ number: Int) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a", "namespace": "default"],
            "data": ["n": .string(String(number))],
        ]
    }

    @Test("changes of long ago show every state as it was, before and after")
    func replay() throws {
        var store = ObjectStore(historyCapacity: 1000)
        for number in 0..<200 { _ = store.put(map(number), in: maps, at: key) }
        _ = store.remove(maps, key)
        let changes = try #require(store.changes(maps, after: 0))
        #expect(changes.count == 201)
        for (number, change) in changes.enumerated() {
            let last = JSONValue.string(String(min(number, 199)))
            #expect(change.object.value(at: "data", "n") == last && change.object["kind"] == "ConfigMap")
            let before: JSONValue? = number == 0 ? .none : .some(.string(String(number - 1)))
            #expect(change.previous?.value.value(at: "data", "n") == before)
        }
        var past = store.rewound(maps, to: changes[changes.startIndex + 9].revision)
        #expect(past.snapshot(maps).objects[key]?.value.value(at: "data", "n") == "9")
    }
}
