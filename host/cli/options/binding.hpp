// The member that an option fills, without its type: how to read, show and complete it.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "host/cli/options/config.hpp"
#include "host/cli/options/value_traits.hpp"

namespace mckean::cli {

using AnyConfig = std::variant<RunConfig, EvalConfig, W2Config, InfoConfig>;

/// Tells members apart by its address.
template <auto Member>
inline constexpr char member_id = 0;

struct Binding {
  const char* id;
  ValueKind kind;
  std::vector<NameRow> (*names)();
  bool (*accepts)(std::string_view);
  void (*assign)(AnyConfig&, std::string_view);  // text that is accepted
  ShownValue (*show)(const AnyConfig&);
};

template <class Part, class Parts>
inline constexpr bool holds_part = false;
template <class Part, class... Parts>
inline constexpr bool holds_part<Part, std::tuple<Parts...>> = (std::is_same_v<Part, Parts> || ...);

/// The part of a configuration, null where it has none of that type.
template <class Part, class Config>
auto* find_part(Config& config) {
  using Wanted = std::conditional_t<std::is_const_v<Config>, const Part, Part>;
  if constexpr (holds_part<Wanted&, decltype(parts_of(config))>) {
    return &std::get<Wanted&>(parts_of(config));
  } else {
    return static_cast<Wanted*>(nullptr);
  }
}

template <auto Member>
struct Bound;

template <class Struct, class Value, Value Struct::*Member>
struct Bound<Member> {
  using Part = Struct;
  using Type = Value;
  using Traits = ValueTraits<Value>;

  static bool accepts(std::string_view text) { return Traits::read(text).has_value(); }
  static void assign(AnyConfig& any, std::string_view text) {
    const auto value = Traits::read(text);
    std::visit(
        [&](auto& config) {
          if (Part* const part = find_part<Part>(config)) part->*Member = *value;
        },
        any);
  }
  static ShownValue show(const AnyConfig& any) {
    return std::visit(
        [](const auto& config) -> ShownValue {
          const Part* const part = find_part<Part>(config);
          return part == nullptr ? ShownValue() : Traits::show(part->*Member);
        },
        any);
  }
};

template <class T>
struct WithoutOptional {
  using Type = T;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
  using Type = T;
};

/// The value of a member as text.
template <auto Member, class Config>
std::string text_of(const Config& config) {
  using Part = typename Bound<Member>::Part;
  return as_text(Bound<Member>::Traits::show(find_part<Part>(config)->*Member));
}

/// What the option table says of a member, as `bind<&TimeConfig::dt>`.
template <auto Member>
inline constexpr Binding bind{
    &member_id<Member>,
    Bound<Member>::Traits::kind,
    name_rows_of<typename WithoutOptional<typename Bound<Member>::Type>::Type>,
    Bound<Member>::accepts,
    Bound<Member>::assign,
    Bound<Member>::show};

}  // namespace mckean::cli
