// Chooses the reader by the extension.
#include "host/data/read.hpp"

#include <system_error>

#include "host/data/csv.hpp"
#include "host/data/error.hpp"
#include "host/data/npy.hpp"

namespace mckean {

Matrix read_matrix(const std::filesystem::path& path) {
  const std::filesystem::path extension = path.extension();
  if (extension == ".npy") return read_npy(path);
  if (extension == ".csv") return read_csv(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError(path.string() + ": is a directory; name a .npy or .csv file");
  }
  throw InputError(path.string() +
                   ": only files named *.npy and *.csv can be read; convert it with numpy.save");
}

}  // namespace mckean
