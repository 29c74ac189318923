import KubernetesAPI
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Informer store")
struct InformerStoreTests {
    private func put(
        _ store: inout InformerStore<Int>,
        _ name: String,
        version: String,
        uid: String = "1",
        value: Int = 0
    ) -> [String] {
        let key = ObjectKey(namespace: "shop", name: name)
        let changes = store.put(
            InformedObject(key: key, uid: uid, resourceVersion: version, value: value)
        )
        return changes.map(Self.text)
    }

    private static func text(_ change: InformerChange<Int>) -> String {
        switch change {
        case .added(let object, let isInitial): "add \(object.key.name) \(isInitial)"
        case .updated(let old, let new): "update \(old.value) \(new.value)"
        case .deleted(let last, let isUnknown): "delete \(last.key.name) \(last.uid) \(isUnknown)"
        }
    }

    @Test("the same version again is no change")
    func sameVersion() {
        var store = InformerStore<Int>()
        #expect(put(&store, "a", version: "1") == ["add a true"])
        #expect(put(&store, "a", version: "1").isEmpty)
        #expect(put(&store, "a", version: "2", value: 5) == ["update 0 5"])
    }

    @Test("an object made again under its name is told as gone and added")
    func recreated() {
        var store = InformerStore<Int>()
        _ = put(&store, "a", version: "1", uid: "old")
        #expect(put(&store, "a", version: "2", uid: "new") == ["delete a old true", "add a true"])
    }

    @Test("the revision grows with every change, and with nothing else")
    func revision() {
        var store = InformerStore<Int>()
        var seen = [store.revision]
        _ = put(&store, "a", version: "1")
        seen.append(store.revision)
        _ = put(&store, "a", version: "2")
        seen.append(store.revision)
        _ = put(&store, "a", version: "3", uid: "other")
        seen.append(store.revision)
        #expect(seen == seen.sorted() && Set(seen).count == 4)

        store.beginSynchronisation()
        _ = put(&store, "a", version: "3", uid: "other")
        store.touch(ObjectKey(namespace: "shop", name: "a"))
        _ = store.completeSynchronisation()
        _ = store.remove(ObjectKey(namespace: "shop", name: "b"), last: nil)
        #expect(store.revision == seen.last, "the same objects in the same versions")
        store.beginSynchronisation()
        _ = store.completeSynchronisation()
        #expect(store.count == 0 && store.revision != seen.last)
    }

    @Test("what a synchronisation does not show is gone, what it shows or touches stays")
    func sweep() {
        var store = InformerStore<Int>()
        store.beginSynchronisation()
        for name in ["a", "b", "c"] { _ = put(&store, name, version: "1") }
        let first = store.completeSynchronisation()
        #expect(first.isEmpty)
        store.beginSynchronisation()
        _ = put(&store, "a", version: "1")
        store.touch(ObjectKey(namespace: "shop", name: "b"))
        let changes = store.completeSynchronisation().map(Self.text)
        #expect(changes == ["delete c 1 true"])
        #expect(store.count == 2)
        #expect(put(&store, "d", version: "3") == ["add d false"])
    }

    @Test("indexes follow additions, changes and removals over random operations")
    func indexes() {
        let seed = testSeed("Informer store indexes")
        var random = SplitMix64(seed: seed)
        let index: InformerStore<Int>.Indexer = { _, value in ["mod\(value % 3)", "all"] }
        var store = InformerStore<Int>(indexers: ["terms": index])
        var model: [ObjectKey: Int] = [:]
        for version in 1...5000 {
            let key = ObjectKey(namespace: "shop", name: "n\(Int.random(in: 0..<20, using: &random))")
            if Int.random(in: 0..<3, using: &random) == 0 {
                _ = store.remove(key, last: nil)
                model[key] = nil
            } else {
                let value = Int.random(in: 0..<9, using: &random)
                _ = store.put(
                    InformedObject(key: key, uid: key.name, resourceVersion: String(version), value: value)
                )
                model[key] = value
            }
            for term in 0..<3 {
                let expected = Set(model.filter { $0.value % 3 == term }.keys)
                #expect(store.keys(in: "terms", under: "mod\(term)") == expected, "TEST_SEED=\(seed)")
            }
            #expect(store.keys(in: "terms", under: "all").count == model.count, "TEST_SEED=\(seed)")
        }
        for key in store.keys { _ = store.remove(key, last: nil) }
        #expect(store.counts(in: "terms").isEmpty)
    }
}
