import Foundation
import KubernetesAPI
import OCIModel
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// Which images come, in which order, page by page.
@Suite("Pages of images")
struct ImagesPageTests {
    private func page(_ images: [ImageResult], _ parameters: [(name: String, value: String)]) throws -> ImagesPage {
        ImagesPage(images, try ImagesQuery(parameters))
    }

    private func numbers(_ page: ImagesPage) -> [String] {
        page.images.map { String($0.repository.split(separator: "-").last ?? "") }
    }

    private static let mixed = [
        SampleImages.image(1, .trusted), SampleImages.image(2, .untrusted, namespace: "bank", policy: "strict"),
        SampleImages.image(3, .unknown, tags: ["Blue", "v2"]), SampleImages.image(4, .unsupported),
        SampleImages.absent(5), SampleImages.image(6, .trusted, pods: 0, isGate: true),
    ]

    @Test("the worst comes first where severity is asked for")
    func severity() throws {
        let page = try page(Self.mixed, [("sort", "severity")])
        #expect(numbers(page) == ["2", "3", "5", "4", "1", "6"])
        #expect(page.total == 6 && page.next == nil)
    }

    @Test("the order of names is by namespace, then name")
    func names() throws {
        let keys = try page(Self.mixed, []).images.map(\.key)
        #expect(keys == keys.sorted() && keys.first?.namespace == "bank")
    }

    @Test(
        "filters leave out what is not asked for",
        arguments: [
            ([("namespace", "bank")], ["2"]), ([("namespace", "ban")], []), ([("verdict", "Unknown")], ["3"]),
            ([("verdict", "None"), ("verdict", "Trusted")], ["1", "5", "6"]),
            ([("policy", "TrustPolicy/bank/strict")], ["2"]), ([("policy", "TrustPolicy/bank/stric")], []),
            ([("image", "WEB-3@sha256:")], ["3"]), ([("image", "blue")], ["3"]), ([("image", "example.com")], nil),
            ([("running", "false")], ["6"]), ([("running", "true"), ("verdict", "Trusted")], ["1"]),
            ([("image", ".*")], []),
        ] as [([(name: String, value: String)], [String]?)]
    )
    func filters(_ parameters: [(name: String, value: String)], _ wanted: [String]?) throws {
        let found = try page(Self.mixed, parameters)
        #expect(numbers(found).sorted() == wanted ?? ["1", "2", "3", "4", "5", "6"])
        #expect(found.total == found.images.count)
    }

    @Test("a digest is found by its hexadecimal digits")
    func digest() throws {
        let hex = SampleImages.digest(4).hex
        #expect(numbers(try page(Self.mixed, [("image", String(hex.dropFirst(3).prefix(12)))])) == ["4"])
    }

    @Test(
        "all pages together have every image once, in either order",
        arguments: ["name", "severity"],
        [100, 101, 103]
    )
    func pages(_ order: String, _ total: Int) throws {
        let images = (0..<total).map { number in
            SampleImages.image(number, Verdict.allCases[number % 4], namespace: "n\(number % 7)")
        }
        var found: [ObjectKey] = []
        var token = ""
        var count = 0
        repeat {
            let page = try page(images.shuffled(), [("sort", order), ("limit", "10"), ("continue", token)])
            #expect(page.total == total)
            found += page.images.map(\.key)
            token = page.next?.token ?? ""
            count += 1
        } while !token.isEmpty && count < 20
        #expect(count == (total + 9) / 10)
        #expect(found.count == total && Set(found).count == total)
    }

    @Test("images that come and go between two pages leave the others where they were")
    func changes() throws {
        let images = (0..<40).map { SampleImages.image($0) }.sorted { $0.key < $1.key }
        let first = try page(images, [("limit", "10")])
        let token = try #require(first.next?.token)
        // The last of the first page and some after it are gone; others came before and after.
        let gone = Set([images[9].key, images[10].key, images[20].key])
        let later = images.filter { !gone.contains($0.key) } + (100..<120).map { SampleImages.image($0) }
        let rest = try page(later, [("limit", "500"), ("continue", token)])
        let expected = later.map(\.key).filter { $0 > images[9].key }.sorted()
        #expect(rest.images.map(\.key) == expected)
        #expect(rest.total == later.count)
    }

    @Test("a hostile repository makes a token that still fits a request, and leads on")
    func hostile() throws {
        let name = String(repeating: "<\u{202E}\"é", count: 3000)
        let images = (0..<20).map { SampleImages.image($0, repository: name) }
        let first = try page(images, [("sort", "severity"), ("limit", "7")])
        let token = try #require(first.next?.token)
        #expect(token.utf8.count < 2048)
        let rest = try page(images, [("sort", "severity"), ("limit", "500"), ("continue", token)])
        #expect(Set((first.images + rest.images).map(\.key)).count == 20)
    }

    @Test(
        "what is no token is none",
        arguments: [
            "", "a", "====", "bnVsbA==", Data("[]".utf8).base64EncodedString(),
            Data(#"["name","a"]"#.utf8).base64EncodedString(), Data(#"["name","a",1]"#.utf8).base64EncodedString(),
            Data(#"["size","a","b"]"#.utf8).base64EncodedString(),
            Data(#"["severity","a","b"]"#.utf8).base64EncodedString(),
            Data(#"["name","a","b"]x"#.utf8).base64EncodedString(),
            String(repeating: "[", count: 2000),
        ]
    )
    func tokens(_ text: String) { #expect(ImagePosition(token: text) == nil) }
}
