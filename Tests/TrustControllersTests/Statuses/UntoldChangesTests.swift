import KubernetesAPI
import Testing

@testable import TrustControllers

@Suite("Changes that nobody was told of")
struct UntoldChangesTests {
    private let key = ObjectKey(namespace: "shop", name: "a")

    @Test("what was told before a write counts until the end, even if it was nothing")
    func memory() {
        let changes = UntoldChanges<Int>()
        #expect(changes.lastTold(key, present: 1) == 1)
        changes.begin(key, told: nil)
        #expect(changes.lastTold(key, present: 2) == nil && changes.count == 1)
        changes.begin(key, told: 1)
        #expect(changes.lastTold(key, present: 2) == 1)
        changes.end(key)
        #expect(changes.lastTold(key, present: 2) == 2 && changes.count == 0)
    }
}
