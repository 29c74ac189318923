import Testing
import TrustModel

@testable import TrustResources

struct RequirementTextTests {
    @Test(
        "the three forms are read and written",
        arguments: [("Any", Requirement.any), ("All", .all), ("AtLeast:2", .atLeast(2)), ("AtLeast:16", .atLeast(16))]
    )
    func forms(_ text: String, _ requirement: Requirement) {
        #expect(RequirementText.parse(text) == requirement)
        #expect(RequirementText.format(requirement) == text)
    }

    @Test(
        "anything else is refused, by the schema's pattern as by the reader",
        arguments: [
            "", "any", "AtLeast:0", "AtLeast:17", "AtLeast:02", "AtLeast:-1", "AtLeast:+1", "AtLeast:", "AtLeast:2 ",
            "AtLeast: 2", "AtLeast:٢", "Any\n",
        ]
    )
    func others(_ text: String) {
        #expect(RequirementText.parse(text) == nil)
        #expect(!AnchoredPattern.matches(RequirementText.pattern, text))
    }
}
