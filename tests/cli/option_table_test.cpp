// The option table by itself: each row whole, none twice, and what is said of a misspelt name.
#include "host/cli/options/option_table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "host/cli/help/suggestion.hpp"
#include "host/cli/options/commands.hpp"
#include "host/cli/options/toml_limits.hpp"

namespace mckean::cli {
namespace {

const unsigned readers[] = {by_run, by_eval, by_w2, by_info};

TEST(OptionTable, EveryRowHasAGroupHelpAndAReader) {
  for (const OptionRow& row : option_table()) {
    EXPECT_GT(std::string(row.help).size(), 3u - (row.member.kind == ValueKind::choice ? 1u : 0u))
        << row.name;
    EXPECT_FALSE(std::string(title_of(row.group)).empty()) << row.name;
    EXPECT_NE(row.readers & (by_run | by_eval | by_w2 | by_info), 0u) << row.name;
  }
}

TEST(OptionTable, NoNameAndNoMemberStandsTwice) {
  std::set<const char*> members;
  for (const OptionRow& row : option_table()) {
    EXPECT_TRUE(members.insert(row.member.id).second) << row.name;
    EXPECT_EQ(&option_of(row.member.id), &row);
  }
  for (const unsigned reader : readers) {
    std::set<std::string> names;
    for (const OptionRow& row : option_table()) {
      if ((row.readers & reader) == 0) continue;
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      // The same row is found as a flag and as a key of TOML.
      EXPECT_EQ(find_option(row.name, reader), &row);
    }
  }
}

TEST(OptionTable, GroupsStandTogether) {
  for (const unsigned reader : readers) {
    std::set<Group> seen;
    const OptionRow* before = nullptr;
    for (const OptionRow& row : option_table()) {
      if ((row.readers & reader) == 0) continue;
      const bool begins = before == nullptr || before->group != row.group;
      EXPECT_EQ(seen.insert(row.group).second, begins) << row.name;
      before = &row;
    }
  }
}

TEST(OptionTable, DefaultsAreOfTheTypeAndFillTheMember) {
  for (const OptionRow& row : option_table()) {
    for (const char* value : row.defaults) {
      if (*value == '\0') continue;
      EXPECT_TRUE(row.member.accepts(value)) << row.name;
      for (AnyConfig config : {AnyConfig(RunConfig()), AnyConfig(EvalConfig()),
                               AnyConfig(W2Config()), AnyConfig(InfoConfig())}) {
        if ((row.readers & 1u << config.index()) == 0) continue;
        row.member.assign(config, value);
        const std::string shown = as_text(row.member.show(config));
        // The same value, if not the same text: 1e-4 is 0.0001.
        row.member.assign(config, shown);
        EXPECT_EQ(as_text(row.member.show(config)), shown) << row.name;
        const bool number = row.member.kind == ValueKind::number;
        EXPECT_EQ(number ? shortest(*read_number(value)) : value, shown) << row.name;
      }
    }
  }
}

/// Names that are read and shown alike.
template <class T>
void expect_names() {
  std::set<std::string> names;
  for (const Choice<T>& row : choices<T>) {
    EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
    std::string name(row.name);
    if (row.with_number != nullptr) name = name.substr(0, name.find(':') + 1) + "3";
    const auto value = find_choice<T>(name);
    ASSERT_TRUE(value.has_value()) << name;
    EXPECT_EQ(name_of(*value), name);
  }
  EXPECT_FALSE(find_choice<T>("no such name").has_value());
  EXPECT_FALSE(find_choice<T>("").has_value());
}

TEST(OptionTable, EveryNameIsReadAndShownAlike) {
  expect_names<AnyActivation>();
  expect_names<Scaling>();
  expect_names<Train>();
  expect_names<Constraint>();
  expect_names<Regularizer>();
  expect_names<DataLaw>();
  expect_names<TeacherLaw>();
  expect_names<InitLaw>();
  expect_names<InitSampling>();
  expect_names<Amplitude>();
  expect_names<IntegratorSpec::Method>();
  expect_names<W2Method>();
  expect_names<RecordedMethod>();
  expect_names<GroundCost>();
  expect_names<Sampled>();
  expect_names<Projection>();
  expect_names<DeviceChoice>();
  expect_names<Precision>();
  expect_names<Command>();
  EXPECT_EQ(name_of(*find_choice<AnyActivation>("relu:-0.25")), "relu:-0.25");
  EXPECT_FALSE(find_choice<DeviceChoice>("cuda:1.5").has_value());
  EXPECT_FALSE(find_choice<DeviceChoice>("cuda:-1").has_value());
  EXPECT_FALSE(find_choice<DeviceChoice>("cuda:1e300").has_value());
}

TEST(Suggestion, EditDistancesByHand) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("width", "width"), 0u);
  EXPECT_EQ(edit_distance("widht", "width"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("dt", "eta"), 2u);
}

TEST(Suggestion, OnlyWhatIsNear) {
  const std::string_view known[] = {"width", "w2-rtol", "standardize", "dt"};
  EXPECT_EQ(nearest_name("widht", known), "width");
  EXPECT_EQ(nearest_name("w2rtol", known), "w2-rtol");
  EXPECT_EQ(nearest_name("standard", known), "standardize");
  EXPECT_EQ(nearest_name("zzz", known), "");
  EXPECT_EQ(nearest_name("", known), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'w'), known), "");
}

TEST(TomlLimits, DotsOfStringsAndCommentsPartNoKey) {
  std::string dots = "a";
  for (int i = 0; i < 100; ++i) dots += ".a";
  for (const std::string& fine :
       {"x = \"" + dots + "\"\n", "x = '" + dots + "'\n", "x = \"\\\"" + dots + "\"\n",
        "x = \"\"\"\n" + dots + "\n\"" + dots + "\"\"\"\n", "x = '''\n" + dots + "\n'''\n",
        "# it's " + dots + "\nx = 1\n", "x = \"\" # \"" + dots + "\n", "\"" + dots + "\" = 1\n"})
    EXPECT_EQ(find_excess(fine), "") << fine;
  for (const std::string& excess :
       {dots + " = 1\n", "[" + dots + "]\n", "x = \"\"\n" + dots + " = 1\n",
        "x = '\\'\n" + dots + " = 1\n", "x = \"\"\"a\"\"\"\"\"\n" + dots + " = 1\n",
        "x = { " + dots + " = 1 }\n"})
    EXPECT_NE(find_excess(excess).find("too many parts"), std::string::npos) << excess;
  EXPECT_EQ(find_excess("\n\n" + dots + " = 1\n").substr(0, 6), "line 3");
}

}  // namespace
}  // namespace mckean::cli
