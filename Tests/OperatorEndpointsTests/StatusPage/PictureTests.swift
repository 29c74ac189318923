import Foundation
import JSONModel
import Testing

@testable import OperatorEndpoints

/// The pictures in the documentation are of this page.
///
/// `VIGIL_SCREENSHOTS=docs/images make test FILTER=PictureTests` takes them anew.
@Suite(
    "Pictures of the status page",
    .enabled(if: try Browser.isInstalled, Browser.reason),
    .serialized,
    .timeLimit(.minutes(5))
)
struct PictureTests {
    @Test("something of everything, in either theme, and the why of one image")
    func pictures() async throws {
        let story = StoryImages(now: Date())
        try await BrowserPage.show(KnownResults(story.images, policies: story.policies)) { page, _ in
            try await page.resize(1280, 860)
            try await page.prefer("light")
            try await page.wait("document.querySelectorAll('tr.row').length === 11")
            try await page.wait("document.querySelectorAll('#ends li').length === 3")
            let light = try await page.picture()
            try await page.keepPicture("status-light")
            try await page.prefer("dark")
            let dark = try await page.picture()
            try await page.keepPicture("status-dark")
            #expect(light != dark)
            for picture in [light, dark] {
                #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count > 40_000)
            }
            let ends = try await page.text("document.getElementById('ends').innerText")
            #expect(ends.contains("in 8 days\nshop/web\nshop · a certificate of the signer"), "\(ends)")
            #expect(ends.contains("CN=Wabbit Networks Root CA\nTrustPolicy/shop/release · a trust anchor expires"))
            #expect(ends.contains("vouches for 2 images") && ends.contains("· 24 pods"), "\(ends)")
            #expect(ends.contains(/· 1 pod\b/), "\(ends)")
            try await page.prefer("light")
            try await page.value(
                "[...document.querySelectorAll('.toggle')].find(b => b.textContent.includes('checkout')).click()"
            )
            try await page.wait("document.querySelectorAll('.history li').length === 3")
            try await page.keepPicture("status-why")
            // What a policy judged is found by its name.
            try await page.click("[data-policy='TrustPolicy/bank/release']")
            try await page.wait("document.querySelectorAll('tr.row').length === 4")
            #expect(try await page.text("document.getElementById('policy').value") == "TrustPolicy/bank/release")
        }
    }
}
