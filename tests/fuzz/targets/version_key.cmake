daicho_fuzz(version_key
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/../version_key_fuzz.cc ${PROJECT_SOURCE_DIR}/tests/common/version_comparators.cc
  DEPS daicho_common)
