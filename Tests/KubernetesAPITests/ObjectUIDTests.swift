import Foundation
import KubernetesAPI
import Testing

@Suite("Object uids")
struct ObjectUIDTests {
    @Test("come out as they went in, UUIDs and whatever else a server may give")
    func roundTrip() {
        for _ in 0..<200 {
            let text = UUID().uuidString.lowercased()
            #expect(ObjectUID(text).description == text)
        }
        let others = [
            "", "a", "0B5E7B1C-1111-4222-8333-444455556666", "0b5e7b1c-1111-4222-8333-44445555666",
            "0b5e7b1c-1111-4222-8333-4444555566667", "0b5e7b1c01111-4222-8333-444455556666",
            "0b5e7b1c-1111-4222-8333-44445555666g", "0b5e7b1c11114222833344445555666677ab",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff", "uid of another kind, longer than any UUID is", "ünïcödé-",
        ]
        for text in others { #expect(ObjectUID(text).description == text) }
    }

    @Test("are equal exactly when the texts are")
    func equality() {
        let texts = [
            "0b5e7b1c-1111-4222-8333-444455556666", "0B5E7B1C-1111-4222-8333-444455556666",
            "0b5e7b1c-1111-4222-8333-444455556667", "1b5e7b1c-1111-4222-8333-444455556666", "", "0",
        ]
        for left in texts { for right in texts { #expect((ObjectUID(left) == ObjectUID(right)) == (left == right)) } }
    }

    @Test("take no memory beside themselves")
    func size() { #expect(MemoryLayout<ObjectUID>.size <= 17) }
}
