export default {
  site: {
    title: "Benchmark Digest",
    url: "https://digest.example",
    description: "A digest for measuring; its articles are about nothing.",
    topics: [
      "Agriculture", "Borders", "Climate", "Customs", "Defence", "Education",
      "Energy", "Finance", "Health", "Labour", "Technology", "Transport",
    ],
  },
};
