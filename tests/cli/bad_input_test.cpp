// Bad input, a row of the tables below each: exit code 2, one line that says what and why, nothing
// printed, nothing written or overwritten.
#include <algorithm>

#include "files/archives.hpp"
#include "program.hpp"

namespace mckean::test {
namespace {

struct BadInput {
  const char* name;
  const char* arguments;  // split at blanks
  const char* expected;   // part of the line
};

void PrintTo(const BadInput& input, std::ostream* to) { *to << input.arguments; }

class BadInputs : public Program, public testing::WithParamInterface<BadInput> {
 protected:
  void SetUp() override {
    Program::SetUp();
    write("x.npy", 4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
    write("y.npy", 4, 1, {1, 2, 3, 4});
    write("y3.npy", 3, 1, {1, 2, 3});
    write("y42.npy", 4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
    write("x43.npy", 4, 3, std::vector<double>(12, 1));
    write("particles.npy", 2, 3, {1, 1, 0, 1, 0, 1});
    write("particles4.npy", 2, 4, {1, 1, 0, 0, 1, 0, 1, 0});
    write("zero.npy", 2, 3, {1, 1, 0, 1, 0, 0});
    write("angles.npy", 2, 1, {0, 1});
    const std::string good = read("x.npy");
    write("truncated.npy", good.substr(0, good.size() - 3));
    write("long.npy", good + "x");
    write("header.npy", good.substr(0, 60));
    write("text.npy", "these are not numbers");
    write("empty.npy", "");
    std::string odd = replaced(good, "<f8", "<i8");
    odd.replace(odd.size() - 8, 8, std::string("\1\0\0\0\0\0\x20\0", 8));  // 2^53 + 1
    write("integers.npy", odd);
    write("complex.npy", replaced(good, "<f8", "<c8"));
    write("long_double.npy", replaced(good, "<f8", "<f16"));
    write("cube.npy", replaced(good, "(4, 2), ", "(2, 2, 2), "));
    write("huge.npy", replaced(good, "(4, 2), ", "(99999999999, 99999999999), "));
    std::string nan = good;
    nan.replace(nan.size() - 8, 8, std::string("\0\0\0\0\0\0\xf8\x7f", 8));
    write("nan.npy", nan);
    write("ragged.csv", "1,2\n3,4\n5\n");
    write("negative.csv", "0.5\n0.75\n-0.5\n0.25\n");
    write("words.csv", "1,2\n3,four\n");
    write("nan.csv", "1,2\n3,nan\n");
    write("empty.csv", "");
    write("fortran.csv", "1d5,2d5\n1,2\n3,4\n5,6\n");
    write("comma.txt", "1,5;2\n3;4\n");
    write("x.json", "[1, 2]\n");
    write("text.npz", "no archive");
    write("two.npz", test::zip_bytes({zip_member("a.npy", good), zip_member("b.npy", good)}));
    write("cut.npy.gz", test::deflate(good, Deflate::gzip).substr(0, 60));
    write("file", "a file where a folder is wanted");
    write("unknown.toml", "widht = 10\n");
    write("table.toml", "[run]\nwidth = 10\n");
    write("type.toml", "width = \"ten\"\n");
    write("fraction.toml", "width = 10.5\n");
    write("syntax.toml", "width = = 10\n");
    write("nan.toml", "dt = nan\n");
    write("words.toml", "record-at = [\"a\"]\n");
    write("twice.toml", "width = 10\nwidth = 20\n");
    write("eval.toml", "repeat = 3\n");
    std::filesystem::create_directories(folder_ / "taken/summary.json");
    std::filesystem::create_directory(folder_ / "out");
    for (const char* name : {"out/metrics.csv", "out/summary.json", "out/particles.npy"})
      write(name, "an earlier result");
  }

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    text.replace(place, from.size(), to);
    // The header keeps its length: its padding gives way.
    const std::size_t newline = text.find('\n');
    if (to.size() > from.size())
      text.erase(newline - (to.size() - from.size()), to.size() - from.size());
    if (to.size() < from.size()) text.insert(newline, from.size() - to.size(), ' ');
    return text;
  }
};

TEST_P(BadInputs, OneLineAndExitCode2) {
  std::vector<std::string> arguments = split(GetParam().arguments, ' ');
  if (arguments.front() == "run" &&
      std::find(arguments.begin(), arguments.end(), "--out") == arguments.end() &&
      std::find(arguments.begin(), arguments.end(), "--force") == arguments.end()) {
    arguments.insert(arguments.end(), {"--out", "out", "--force"});
  }
  const auto before = contents();
  const Finished finished = mckean(arguments);
  EXPECT_EQ(finished.code, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err.rfind("mckean: ", 0), 0u) << finished.err;
  EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
  EXPECT_NE(finished.err.find(GetParam().expected), std::string::npos) << finished.err;
  EXPECT_LT(finished.err.size(), 400u) << finished.err;
  EXPECT_EQ(contents(), before);
}

constexpr BadInput files[] = {
    {"Missing", "run --x none.npy --y y.npy", "no such file"},
    {"NoDouble", "run --x integers.npy --y y.npy", "no double equals at row 4, column 2"},
    {"Complex", "run --x complex.npy --y y.npy", "complex"},
    {"LongDouble", "run --x long_double.npy --y y.npy", "long double"},
    {"ThreeDimensions", "run --x cube.npy --y y.npy", "cube.npy"},
    {"HugeShape", "run --x huge.npy --y y.npy", "huge.npy"},
    {"NaN", "run --x nan.npy --y y.npy", "holds NaN at row 4, column 2"},
    {"Truncated", "run --x truncated.npy --y y.npy", "truncated"},
    {"TooLong", "run --x long.npy --y y.npy", "too long"},
    {"HalfAHeader", "run --x header.npy --y y.npy", "header.npy"},
    {"NotNpy", "run --x text.npy --y y.npy", "text.npy"},
    {"EmptyNpy", "run --x empty.npy --y y.npy", "empty.npy"},
    {"RaggedCsv", "run --x ragged.csv --y y.npy", "ragged.csv"},
    {"WordsInCsv", "run --x words.csv --y y.npy", "words.csv"},
    {"NaNInCsv", "run --x nan.csv --y y.npy", "nan.csv"},
    {"NoNamesInCsv", "w2 fortran.csv x.npy", "fortran.csv: line 1, column 1: '1d5'"},
    {"EmptyCsv", "run --x empty.csv --y y.npy", "empty.csv"},
    {"DecimalComma", "run --x comma.txt --y y.npy", "decimal comma"},
    {"OtherFormat", "run --x x.json --y y.npy", "*.npy, *.npz, *.csv"},
    {"NoArchive", "run --x text.npz --y y.npy", "text.npz"},
    {"WhichMember", "run --x two.npz --y y.npy", "2 arrays: a, b"},
    {"NoMember", "run --x two.npz:c --y y.npy", "no array c"},
    {"MemberOfNoFile", "w2 none.npz:a x.npy", "none.npz: there is no such file"},
    {"CutGzip", "w2 cut.npy.gz x.npy", "truncated"},
    {"FolderForAFile", "run --x out --y y.npy", "directory"},
    {"Device", "run --x /dev/null --y y.npy", "/dev/null"},
    {"FewerValues", "run --x x.npy --y y3.npy", "3 values for the 4 samples"},
    {"TwoColumnsOfValues", "run --x x.npy --y y42.npy", "4 x 2"},
    {"TestOfOtherWidth", "run --x x.npy --y y.npy --test-x x43.npy --test-y y.npy", "3 columns"},
    {"StartOfOtherDimension", "run --dim 5 --law sphere --init-file particles.npy", "m x 6"},
    {"StartWithoutDirection", "run --init-file zero.npy", "no direction"},
    {"StartOfOtherWidth", "run --init-file particles.npy --width 3", "has 2 particles"},
    {"TeacherOfOtherDimension", "run --law sphere --dim 5 --teacher particles.npy", "dimension 2"},
    {"ParticlesOfOtherDimension", "eval --particles angles.npy --x x.npy --y y.npy", "is 2 x 1"},
    {"ParticlesMissing", "eval --x x.npy --y y.npy", "--particles"},
};

constexpr BadInput folders[] = {
    {"EarlierResults", "run --out out", "--force"},
    {"ForceOfNothing", "run --force", "give --out"},
    {"VelocityOfOtherFormat", "eval --particles particles.npy --x x.npy --y y.npy --velocity v.csv",
     ".npy"},
    {"ConfigIsAFolder", "run out", "not a file"},
    {"ConfigMissing", "run none.toml", "no such file"},
};

constexpr BadInput keys[] = {
    {"UnknownKey", "run unknown.toml", "widht: unknown key"},
    {"TableInToml", "run table.toml", "run: unknown key"},
    {"WrongType", "run type.toml", "width: expected a whole number"},
    {"Fraction", "run fraction.toml", "width"},
    {"Syntax", "run syntax.toml", "line 1"},
    {"KeyTwice", "run twice.toml", "line 2"},
    {"KeyOfEval", "run eval.toml", "repeat: unknown key"},
    {"UnknownFlag", "run --widht 10", "--widht"},
    {"UnknownCommand", "runs", "runs"},
    {"FlagWithoutValue", "run --width", "--width"},
    {"StrayArgument", "run unknown.toml twice.toml", "twice.toml"},
    {"NotANumber", "run --dt fast", "'fast' is not a number"},
    {"NotFinite", "run --rtol inf", "'inf' is not a number"},
    {"WidthBeyondWholeNumbers", "run --width 1e30", "'1e30' is too large: give at most 2^53"},
    {"RecordAfterTheSteps", "run --steps 10 --record-at 0,5", "raise --steps"},
    {"NegativeWidth", "run --width -5", "'-5' is not a whole number"},
    {"ZeroWidth", "run --width 0", "--width"},
    {"ZeroDimension", "run --law sphere --dim 0", "--dim"},
    {"ZeroSamples", "run --samples 0", "--samples"},
    {"UnknownActivation", "run --activation sine --samples 10", "'sine' is not one of"},
    {"UnknownOffset", "run --activation relu:big --samples 10", "relu:big"},
    {"UnknownIntegrator", "run --integrator rk5", "'rk5' is not one of: auto, euler"},
    {"UnknownDevice", "run --device gpu", "'gpu' is not one of"},
    {"NoSuchDevice", "run --device cuda:777", "cuda"},
    {"FlagWithANumber", "run --json=3", "--json: '3' is neither true nor false"},
    {"FlagWithAWord", "run --init-paired=maybe", "'maybe' is neither true nor false"},
    {"NanInToml", "run nan.toml", "found nan"},
    {"WordInAnArray", "run words.toml", "an array with a string in it"},
    {"EmptyConfig", "run  --quiet", "is empty"},
    {"HopelessStep", "run --integrator euler --dt 1e-300", "more than 1e12 steps"},
    {"RecordAtZeroAlone", "run --record-at 0", "--record-at"},
    {"InfiniteStart", "run --samples 10 --init-scale-b 1e308", "too large"},
    {"NoDirection", "run --init-scale-b 0", "no direction on the sphere"},
    {"HardlyADirection", "run --init-scale-b 1e-200", "below 1e-150"},
    {"Newline", "run --activation a\nb", "activation"},
};

constexpr BadInput combinations[] = {
    {"XWithoutY", "run --x x.npy", "--y"},
    {"YWithoutX", "run --y y.npy", "--x"},
    {"TestWithoutTraining", "run --test-x x.npy --test-y y.npy", "--x and --y"},
    {"LawBesideData", "run --x x.npy --y y.npy --law sphere", "--law"},
    {"CircleInThree", "run --law circle --dim 3", "--law sphere"},
    {"NoClosedForm", "run --activation tanh", "give --samples N"},
    {"BatchOfALaw", "run --batch 10", "--samples N"},
    {"BatchLargerThanData", "run --x x.npy --y y.npy --batch 5", "4 samples"},
    {"OnlineAndSamples", "run --online 10 --samples 100", "leave it out"},
    {"OnlineProximal", "run --online 10 --integrator proximal", "choose euler"},
    {"BatchProximal", "run --samples 10 --batch 2 --integrator proximal", "choose euler"},
    {"VelocityOverParticles", "eval --particles particles.npy --velocity particles.npy",
     "another name"},
    {"OnlineAdaptive", "run --online 10 --integrator dopri5", "euler"},
    {"TemperatureAdaptive", "run --temperature 0.1 --integrator dopri5", "Euler-Maruyama"},
    {"LambdaAlone", "run --lambda 0.1", "--regularizer"},
    {"RegularizerAlone", "run --regularizer path", "--lambda"},
    {"RtolOfEuler", "run --integrator euler --rtol 1e-3", "dopri5 only"},
    {"EtaOfEuler", "run --integrator euler --eta 1e-3", "proximal only"},
    {"LrBesideDt", "run --lr 0.1 --dt 0.1", "leave one out"},
    {"LrOfRkc", "run --lr 0.1 --integrator rkc", "chooses its steps"},
    {"LrOfRk4", "run --lr 0.1 --integrator rk4", "--integrator euler"},
    {"LrOfProximal", "run --lr 0.1 --integrator proximal", "--eta"},
    {"LrOfNothing", "run --lr 0", "above 0"},
    {"StepsBesideEnd", "run --steps 5 --t-end 1", "leave one out"},
    {"StepsBesideEpochs", "run --samples 10 --steps 5 --epochs 1", "leave one out"},
    {"StepsOfRkc", "run --steps 5 --integrator rkc", "chooses its steps"},
    {"StepsOfDopri5", "run --steps 5 --integrator dopri5", "chooses its steps"},
    {"NoSteps", "run --steps 0", "at least 1"},
    {"EpochsBesideEnd", "run --samples 10 --epochs 5 --t-end 1", "leave one out"},
    {"EpochsOfALaw", "run --epochs 5", "no data to pass over"},
    {"EpochsOfFreshSamples", "run --online 10 --epochs 5", "no data to pass over"},
    {"EpochsWithoutAStep", "run --samples 10 --epochs 0.1", "makes no step"},
    {"StopAtNoRisk", "run --stop-risk 0", "above 0"},
    {"StopAtNoGradient", "run --stop-gradient -1", "above 0"},
    {"StopW2WithoutW2", "run --w2 none --stop-w2 0.1", "--w2 none"},
    {"StopW2OfData", "run --x x.npy --y y.npy --stop-w2 0.1", "no target measure"},
    {"W2TimeLimitOfNothing", "run --law sphere --w2-time-limit 0", "above 0"},
    {"W2TimeLimitWithoutW2", "run --w2 none --w2-time-limit 1", "--w2 none"},
    {"W2TimeLimitOfData", "run --x x.npy --y y.npy --w2-time-limit 1", "no target measure"},
    {"RtolOfRk4", "run --integrator rk4 --rtol 1e-3", "dopri5 only"},
    {"NoTolerance", "run --rtol 0 --atol 0", "both 0"},
    {"TemperatureRkc", "run --temperature 0.1 --integrator rkc", "Euler-Maruyama"},
    {"SeedOfAWord", "run --seed-init one", "--seed-init"},
    {"RecordTwice", "run --records 5 --record-at 0,1", "leave one out"},
    {"RecordBackwards", "run --record-at 1,0.5", "increase"},
    {"RecordAfterEnd", "run --record-at 0,10 --t-end 5", "after the end"},
    {"NegativeEnd", "run --t-end -1", "above 0"},
    {"StuckAtZero", "run --amplitude zero", "would stay at 0"},
    {"NothingMoves", "run --train both --mobility-a 0 --mobility-b 0", "nothing moves"},
    {"TeacherWidthOfUniform", "run --teacher-width 5", "--teacher-width"},
    {"TeacherFileWithout", "run --target file", "--teacher FILE"},
    {"QuantileInTen", "run --law sphere --init-sampling quantile", "quantile"},
    {"AngleStartInTen", "run --law sphere --init cos2", "cos2"},
    {"PairedOddWidth", "run --samples 10 --init-paired --width 3 --train both", "even"},
    {"AntipodalOfData", "run --x x.npy --y y.npy --w2-antipodal", "uniform target"},
    {"AntipodalWithoutW2", "run --w2 none --w2-antipodal", "--w2 none"},
    {"W2RtolWithoutW2", "run --w2 none --w2-rtol 0.1", "--w2 none"},
    {"W2SubsampleWithoutW2", "run --w2 none --w2-subsample 10", "--w2 none"},
    {"W2RtolOfOne", "run --law sphere --w2-rtol 1", "below 1"},
    {"W2RtolNegative", "run --law sphere --w2-rtol -1", "at least 0"},
    {"W2SubsampleOfNothing", "run --law sphere --w2-subsample 0", "at least 1"},
    {"W2UnknownMethodInARun", "run --w2 emd", "'emd' is not one of: auto, none"},
    {"W2OfData", "run --x x.npy --y y.npy --w2 exact", "no target measure"},
    {"W2RtolOfData", "run --x x.npy --y y.npy --w2-rtol 0.1", "no target measure"},
    {"W2OfNtk", "run --law sphere --scaling ntk --w2 exact", "--scaling mean-field"},
    {"W2OfASphere", "run --law sphere --target uniform-sphere --w2 auto", "--target neurons"},
    {"W2OfMovingAmplitudes", "run --train both --w2 auto", "--train inner"},
    {"W2ExactOfUniform", "run --w2 exact", "choose auto or circle"},
    {"W2LineInTen", "run --law sphere --w2 line", "--dim 1"},
    {"W2CircleInTen", "run --law sphere --w2 circle", "--dim 2"},
    {"SplitBesideTest", "run --x x.npy --y y.npy --test-x x.npy --test-y y.npy --test-fraction 0.5",
     "test data"},
    {"SplitLeavesNothing", "run --x x.npy --y y.npy --test-fraction 0.999", "test-fraction"},
    {"W2Uniforms", "w2 uniform uniform", "uniform"},
    {"W2LineUniform", "w2 angles.npy uniform --method line", "--method circle"},
    {"W2LineOfPlane", "w2 x.npy x.npy --method line", "dimension 2"},
    {"W2UnknownMethod", "w2 angles.npy angles.npy --method emd", "'emd'"},
    {"W2Dimensions", "w2 x.npy x43.npy", "dimension 2 and 3"},
    {"W2NaN", "w2 nan.npy x.npy", "holds NaN"},
    {"W2EmptyCloud", "w2 empty.csv x.npy", "empty.csv"},
    {"W2NegativeWeights", "w2 x.npy x.npy --weights-a negative.csv", "negative"},
    {"W2WeightsOfOtherSum", "w2 x.npy x.npy --weights-b y.npy", "add up to 10"},
    {"W2FewerWeights", "w2 x.npy x.npy --weights-b y3.npy", "3 weights"},
    {"W2TableOfWeights", "w2 x.npy x.npy --weights-b x43.npy", "4 x 3"},
    {"W2WeightsOfUniform", "w2 angles.npy uniform --weights-b y.npy", "no weights"},
    {"W2OffTheSphere", "w2 x.npy x.npy --cost geodesic --method exact", "unit sphere"},
    {"W2UnknownCost", "w2 x.npy x.npy --cost manhattan", "'manhattan'"},
    {"W2ChordsOnTheCircle", "w2 x43.npy x43.npy --method line", "dimension 3"},
    {"W2Rtol", "w2 x.npy x.npy --rtol 2", "--rtol"},
    {"W2RtolWord", "w2 x.npy x.npy --rtol fine", "--rtol"},
    {"W2TimeLimit", "w2 x.npy x.npy --time-limit 0", "--time-limit"},
    {"W2Projection", "w2 particles.npy particles.npy --project sphere", "homogeneous"},
    {"W2ProjectionOfPoints", "w2 angles.npy angles.npy --project homogeneous", "2 x 1"},
    {"W2ProjectionWeights",
     "w2 particles.npy particles.npy --project homogeneous --weights-a y.npy",
     "leave out the weights"},
    {"W2Missing", "w2 angles.npy none.npy", "no such file"},
    {"W2One", "w2 angles.npy", "B"},
    {"W2RtolEmpty", "w2 x.npy x.npy --rtol=", "--rtol"},
    {"W2SeedNegative", "w2 x.npy x.npy --seed -1", "--seed"},
    {"W2SeedBeyond", "w2 x.npy x.npy --seed 18446744073709551616", "--seed"},
    {"W2Threads", "w2 x.npy x.npy --threads 1.5", "--threads"},
    {"W2Sampled", "w2 x.npy x.npy --sampled c", "--sampled"},
    {"W2TwoLaws", "w2 gaussian cube", "both are laws"},
    {"W2LawOfTheCircle", "w2 x.npy circle", "the word uniform"},
    {"W2LawOnTheCircle", "w2 x.npy sphere --method circle", "the word uniform"},
    {"W2WeightsOfALaw", "w2 x.npy gaussian --weights-b y.npy", "leave out their weights"},
    {"W2UniformByChords", "w2 angles.npy uniform --cost euclidean", "geodesic"},
    {"W2UniformAndALaw", "w2 uniform gaussian", "both are laws"},
    {"W2SamplesOfNoLaw", "w2 x.npy x.npy --samples 10", "no law"},
    {"W2SampledBesideALaw", "w2 x.npy gaussian --sampled a", "leave it out"},
    {"W2LineOfAngles", "w2 angles.npy angles.npy --method line --cost geodesic", "circle"},
    {"W2NoSamples", "w2 x.npy gaussian --samples 0", "--samples"},
    {"W2ChordsByAngle", "w2 angles.npy angles.npy --method circle --cost euclidean", "geodesic"},
    {"W2CircleOfNeuronsInTen",
     "w2 particles4.npy particles4.npy --project homogeneous --method circle", "in the plane"},
};

std::string case_name(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Files, BadInputs, testing::ValuesIn(files), case_name);
INSTANTIATE_TEST_SUITE_P(Folders, BadInputs, testing::ValuesIn(folders), case_name);
INSTANTIATE_TEST_SUITE_P(Keys, BadInputs, testing::ValuesIn(keys), case_name);
INSTANTIATE_TEST_SUITE_P(Combinations, BadInputs, testing::ValuesIn(combinations), case_name);

}  // namespace
}  // namespace mckean::test
