import TrustResources

/// The images that a query asks for, one page of them.
struct ImagesPage {
    /// The page, in order.
    let images: [ImageResult]
    /// How many images the query asks for, on all pages.
    let total: Int
    /// Where the next page begins; `nil` on the last.
    let next: ImagePosition?

    /// Looks for what `query` asks for.
    init(_ images: [ImageResult], _ query: ImagesQuery) {
        var places: [(position: ImagePosition, index: Int)] = []
        for (index, image) in images.enumerated() where query.includes(image) {
            places.append((ImagePosition(image, in: query.order), index))
        }
        total = places.count
        if let position = query.position { places.removeAll { $0.position <= position } }
        places.sort { $0.position < $1.position }
        let page = places.prefix(query.limit)
        self.images = page.map { images[$0.index] }
        next = page.count < places.count ? page.last?.position : nil
    }
}
